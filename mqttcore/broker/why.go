package broker

import (
	"cmp"
	"maps"
	"slices"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// Verdict says what becomes of a published message for one Client, at once.
type Verdict string

// The verdicts.
const (
	Delivered Verdict = "delivered" // a PUBLISH was sent to it
	Queued    Verdict = "queued"    // it waits in the Session
	Dropped   Verdict = "dropped"   // it would have gone to the Client and is lost for it
	Withheld  Verdict = "withheld"  // a Subscription matches, and it does not go to this Client all the same
	Unmatched Verdict = "unmatched" // no Subscription of the Client matches
	NoSession Verdict = "no-session"
	Refused   Verdict = "refused"   // the Server does not take the message from its publisher
	Repeated  Verdict = "repeated"  // the Server has it already, and it went its way then
	NotTaken  Verdict = "not-taken" // it comes before a CONNECT that was accepted
)

// Published is a message as its publisher sent it, or the Will of that Client.
type Published struct {
	Conn   ConnID
	Client string
	Topic  string // "" for a Topic Alias that stands for nothing
	QoS    packet.QoS
	Retain bool
	Will   bool
	Expiry uint32 // Message Expiry Interval in seconds (5.0)
	Ages   bool   // there is one
}

// Side says what a reason speaks for.
type Side string

// The sides.
const (
	For     Side = "for"     // the message goes to the Client
	Against Side = "against" // it does not
	Aside   Side = "aside"   // what else becomes of it, or in which form it goes
)

// Reason is one thing that decides. Its text is the message Key of package
// spec, as of an Explanation, filled in with Args.
type Reason struct {
	Key    string
	Args   []string
	Rules  []string
	Side   Side
	Filter string        // of the Subscription that it is about
	Levels []topic.Level // how that filter meets the topic, level by level; cut at MaxWhyLevels
}

// Why says why a Client gets a message, or why not.
type Why struct {
	Published Published
	Client    string
	Verdict   Verdict
	Reasons   []Reason // in the order in which the Server comes to them
	Filters   int      // Subscriptions of the Client; Reasons has at most MaxWhyFilters, those that match first
}

// The bounds of a Why.
const (
	MaxWhyFilters = 200
	MaxWhyLevels  = 100
)

// The keys of reasons that are no explanations.
const (
	whyNotTaken       = "why.not_taken"
	whyNoSession      = "why.no_session"
	whyConnected      = "why.connected"
	whyAway           = "why.away"
	whyNoSubscription = "why.no_subscription"
	whyMatches        = "why.matches"
	whyDiffers        = "why.differs"
	whyTurn           = "why.turn"
	whyOtherMember    = "why.other_member"
	whyAsPublished    = "why.retain_as_published"
	whyExpires        = "why.expires"
	whySent           = "why.sent"
)

// whyRules gives the statements behind those reasons, before 5.0 and in 5.0.
var whyRules = map[string]struct{ v311, v5 rules }{
	whyNotTaken:       {rules{"MQTT-3.1.0-1"}, rules{"MQTT-3.1.0-1"}},
	whyNoSession:      {rules{"MQTT-3.1.2-6"}, rules{"MQTT-4.1.0-2"}},
	whyConnected:      {nil, nil},
	whyAway:           {rules{"MQTT-3.1.2-5"}, rules{"MQTT-3.1.2-23"}},
	whyNoSubscription: {rules{"MQTT-4.5.0-1"}, rules{"MQTT-4.5.0-1"}},
	whyTurn:           {nil, rules{"§4.8.2"}},
	whyOtherMember:    {nil, rules{"§4.8.2"}},
	whyAsPublished:    {nil, rules{"MQTT-3.3.1-13"}},
	whyExpires:        {nil, rules{"MQTT-3.3.2-5"}},
	whySent:           {rules{"MQTT-4.5.0-1"}, rules{"MQTT-4.5.0-1"}},
}

// levelRules gives the statements behind each way in which a level is decided.
var levelRules = [...]struct{ v311, v5 rules }{
	topic.Equal:      {rules{"MQTT-4.7.3-4"}, rules{"MQTT-4.7.3-4"}},
	topic.SingleWild: {rules{"MQTT-4.7.1-3"}, rules{"MQTT-4.7.1-2"}},
	topic.MultiWild:  {rules{"MQTT-4.7.1-2"}, rules{"MQTT-4.7.1-1"}},
	topic.Differs:    {rules{"MQTT-4.7.3-4"}, rules{"MQTT-4.7.3-4"}},
	topic.FilterEnds: {rules{"§4.7"}, rules{"§4.7"}},
	topic.NameEnds:   {rules{"§4.7"}, rules{"§4.7"}},
	topic.Hidden:     {rules{"MQTT-4.7.2-1"}, rules{"MQTT-4.7.2-1"}},
}

// PublishedBy says what a PUBLISH publishes if it comes next on a connection.
func (b *Broker) PublishedBy(id ConnID, p *packet.Publish) Published {
	m := Published{Conn: id, Topic: p.Topic, QoS: p.QoS, Retain: p.Retain}
	m.Expiry, m.Ages = p.Properties.Number(packet.MessageExpiryInterval)
	c := b.conns[id]
	if c == nil {
		return m
	}
	if c.session != nil {
		m.Client = c.session.id
	}
	if alias, ok := p.Properties.Number(packet.TopicAlias); ok && m.Topic == "" && int(alias) < len(c.aliases) {
		m.Topic = c.aliases[alias]
	}
	return m
}

// PublishedWill says what a Will publishes, if that is what x explains.
func PublishedWill(x *Explanation) (Published, bool) {
	if x == nil || x.Key != keyWillPublished {
		return Published{}, false
	}
	m := Published{Conn: x.Conn, Client: x.Client, Topic: x.Topic, Will: true}
	for i := 0; i+1 < len(x.Args); i += 2 {
		switch x.Args[i] {
		case "qos":
			m.QoS = packet.QoS(x.Args[i+1][0] - '0')
		case "retain":
			m.Retain = x.Args[i+1] == flag(true)
		}
	}
	return m, true
}

// ClientOf returns the Client Identifier of a connection, "" before CONNECT.
func (b *Broker) ClientOf(id ConnID) string {
	if c := b.conns[id]; c != nil && c.session != nil {
		return c.session.id
	}
	return ""
}

// explainsAll lets the Broker explain as much as it has to say.
func (b *Broker) explainsAll() { b.cfg.Explain, b.cfg.MaxExplained = true, 1<<20 }

// Explaining returns a Clone that explains as much as it has to say.
func (b *Broker) Explaining() *Broker {
	c := b.Clone()
	c.explainsAll()
	return c
}

// Why lets the Broker hear an event that publishes a message, and says what
// becomes of that for a Client. b is used up: it is one to which the event
// comes next, a Clone as a rule.
func (b *Broker) Why(m Published, client string, heard func(*Broker) []Effect) Why {
	w := whys{Why: Why{Published: m, Client: client}, version: packet.V5}
	s := b.sessions[client]
	if s != nil {
		w.version = s.version
	}
	publisher := b.conns[m.Conn]
	taken := m.Will || publisher != nil && publisher.session != nil
	connected := s != nil && s.conn != nil
	var subs []*subscription // before the event, which may end the Session
	if s != nil {
		subs = slices.Collect(maps.Values(s.subs))
	}
	b.explainsAll()
	effects := heard(b)
	for i := range effects {
		if x := effects[i].Explanation; x != nil && x.Conn == m.Conn && x.Client == m.Client && (x.Topic == m.Topic || x.TargetClient == "") {
			w.story = append(w.story, x)
		}
	}
	w.publisher()
	switch {
	case !taken && w.Verdict == "":
		w.Verdict = NotTaken
		w.because(Against, whyNotTaken, "client", client)
	case w.Verdict != "":
	case s == nil:
		w.Verdict = NoSession
		w.because(Against, whyNoSession, "client", client)
	default:
		if connected {
			w.because(Aside, whyConnected, "client", client)
		} else {
			w.because(Aside, whyAway, "client", client)
		}
		w.subscriptions(subs)
		w.outcome()
	}
	return w.Why
}

// whys makes a Why.
type whys struct {
	Why
	version packet.Version
	story   []*Explanation // all that concerns the message
}

func (w *whys) because(side Side, key string, args ...string) *Reason {
	rules := whyRules[key].v5
	if w.version != packet.V5 {
		rules = whyRules[key].v311
	}
	w.Reasons = append(w.Reasons, Reason{Key: key, Args: args, Rules: rules, Side: side})
	return &w.Reasons[len(w.Reasons)-1]
}

func (w *whys) told(side Side, x *Explanation) {
	w.Reasons = append(w.Reasons, Reason{Key: x.Key, Args: x.Args, Rules: x.Rules, Side: side, Filter: x.Filter})
}

// publisher says what the Server makes of the packet before it looks at
// anybody's Subscriptions.
func (w *whys) publisher() {
	for _, x := range w.story {
		switch x.Key {
		case keyAliasSet, keyAliasUsed, keyWillPublished, keyRetainIgnored,
			keyRetainedStored, keyRetainedReplaced, keyRetainedCleared, keyRetainedNothing, keyRetainedFull, keyRetainedLeft:
			w.told(Aside, x)
		case keyDuplicate:
			w.Verdict = Repeated
			w.told(Against, x)
		case keyPublishDenied, keyPublishNotAllowed, keyDeniedSilently, keyDeniedWithCode, keyQoSNotSupported,
			keyRetainNotSupported, keyIdentifierFromClient, keyAliasUnknown, keyAliasInvalid, keyReceiveMaximum:
			w.Verdict = Refused
			w.told(Against, x)
		case keyHearingDenied:
			w.Verdict = Withheld
			w.told(Against, x)
		}
	}
}

// subscriptions says of each Subscription whether it matches, those that do first.
func (w *whys) subscriptions(subs []*subscription) {
	w.Filters = len(subs)
	if len(subs) == 0 {
		w.because(Against, whyNoSubscription, "client", w.Client)
		w.Verdict = Unmatched
		return
	}
	matches := make(map[*subscription]bool, len(subs))
	for _, sub := range subs {
		matches[sub] = topic.Match(sub.matching, w.Published.Topic)
	}
	slices.SortFunc(subs, func(x, y *subscription) int {
		if matches[x] != matches[y] {
			return cmp.Compare(flag(matches[y]), flag(matches[x]))
		}
		return cmp.Compare(x.filter, y.filter)
	})
	w.Verdict = Unmatched
	if matches[subs[0]] {
		w.Verdict = Withheld // until it proves to go somewhere
	}
	for _, sub := range subs[:min(len(subs), MaxWhyFilters)] {
		w.subscription(sub, matches[sub])
	}
}

func (w *whys) subscription(sub *subscription, matches bool) {
	levels := topic.Explain(sub.matching, w.Published.Topic).Levels
	side, key := Against, whyDiffers
	if matches {
		side, key = For, whyMatches
	}
	r := w.because(side, key, "filter", sub.filter, "topic", w.Published.Topic)
	r.Filter = sub.filter
	last := levelRules[levels[len(levels)-1].Verdict]
	if r.Rules = last.v5; w.version != packet.V5 {
		r.Rules = last.v311
	}
	r.Levels = levels[:min(len(levels), MaxWhyLevels)]
	switch {
	case !matches:
	case sub.noLocal && w.Published.Client == w.Client && sub.share == "":
		w.Reasons = append(w.Reasons, Reason{Key: keyNoLocal, Args: []string{"filter", sub.filter}, Rules: rulesOf(keyNoLocal, w.version), Side: Against, Filter: sub.filter})
	case sub.share != "":
		key, side, other := whyOtherMember, Against, ""
		for _, x := range w.story {
			if x.Filter != sub.filter || x.Key != keyDelivered {
				continue
			}
			if other = x.TargetClient; other == w.Client {
				key, side = whyTurn, For
			}
			break
		}
		w.because(side, key, "share", sub.share, "filter", sub.matching, "client", w.Client, "other", other).Filter = sub.filter
	}
}

// outcome says what became of each copy for the Client.
func (w *whys) outcome() {
	copies := 0 // for which nothing else is said: they were sent
	matched, history := false, w.Published.Retain
	best := func(v Verdict) {
		if w.Verdict != Delivered && (w.Verdict != Queued || v == Delivered) {
			w.Verdict = v
		}
	}
	for _, x := range w.story {
		if x.TargetClient != w.Client {
			continue
		}
		switch x.Key {
		case keyDelivered, keyOverlap:
			copies++
			matched = true
			w.told(For, x)
		case keyRetainCleared:
			history = false
			w.told(Aside, x)
		case keyQueuedAway, keyQueuedWindow:
			copies--
			best(Queued)
			w.told(For, x)
		case keyDroppedAway, keyDroppedFull, keyDroppedAllFull, keyTooLarge:
			copies--
			best(Dropped)
			w.told(Against, x)
		}
	}
	if !matched {
		return
	}
	if history && w.version == packet.V5 && !slices.ContainsFunc(w.story, func(x *Explanation) bool { return x.Key == keyRetainIgnored }) {
		w.because(Aside, whyAsPublished, "client", w.Client)
	}
	if w.Published.Ages {
		w.because(Aside, whyExpires, "seconds", number(int(w.Published.Expiry)), "client", w.Client)
	}
	if copies > 0 {
		best(Delivered)
		w.because(For, whySent, "client", w.Client)
	}
}
