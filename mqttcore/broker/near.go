package broker

import (
	"strings"

	"mqttlab/mqttcore/topic"
)

// nearTopic is the longest topic, in bytes, that is compared with what
// nearly matches it.
const nearTopic = 256

// explainNear says of a message that no Subscription matches why one does not
// that may have been meant for it.
func (b *Broker) explainNear(m *message) {
	if len(m.topic) > nearTopic {
		return
	}
	s, sub, ok := b.subs.Near(m.topic)
	if !ok || s.dead || b.explained >= b.cfg.MaxExplained {
		return
	}
	f := facts{key: keyNearDiffers, version: m.version} // whichever it is
	place, same := b.again(m, sub.filter, s, &f)
	if same {
		b.yield(place.explanation)
		return
	}
	meets := topic.Explain(sub.filter, m.topic)
	if meets.Match { // it would, but for No Local
		return
	}
	last := meets.Levels[len(meets.Levels)-1]
	e := (&target{session: s, filter: sub.filter}).explanation(m, keyNearDiffers)
	switch last.Verdict {
	case topic.FilterEnds:
		e.Key = keyNearFilterEnds
	case topic.NameEnds:
		e.Key = keyNearNameEnds
	case topic.Hidden:
		e.Key = keyNearHidden
	default:
		if strings.TrimPrefix(sub.filter, "/") == strings.TrimPrefix(m.topic, "/") {
			e.Key = keyNearSlash
		}
	}
	args := [...]string{"client", s.id, "filter", sub.filter, "topic", m.topic, "want", last.Filter, "have", last.Name}
	b.remember(place, f, b.keep(m.version, &e, args[:]))
}
