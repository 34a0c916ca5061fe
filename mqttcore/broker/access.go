package broker

import "mqttlab/mqttcore/topic"

// publishDenied says whether the configuration forbids publishing to a Topic
// Name, and by which filter; "" if no allowed one matches.
func (b *Broker) publishDenied(name string) (filter string, denied bool) {
	return denies(b.cfg.DenyPublish, b.cfg.AllowPublish, name, topic.Match)
}

// subscribeDenied says the same of a Topic Filter in SUBSCRIBE.
func (b *Broker) subscribeDenied(asked string) (filter string, denied bool) {
	return denies(b.cfg.DenySubscribe, b.cfg.AllowSubscribe, asked, topic.Covers)
}

// hearingDenied says it of a Topic Name about to be delivered: a wide filter
// may have been granted that covers a denied one.
func (b *Broker) hearingDenied(name string) (filter string, denied bool) {
	return denies(b.cfg.DenySubscribe, nil, name, topic.Match)
}

func denies(deny, allow []string, asked string, matches func(filter, asked string) bool) (filter string, denied bool) {
	for _, f := range deny {
		if matches(f, asked) {
			return f, true
		}
	}
	if allow == nil {
		return "", false
	}
	for _, f := range allow {
		if matches(f, asked) {
			return "", false
		}
	}
	return "", true
}
