package broker

import (
	"crypto/subtle"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
)

// connect handles the first CONNECT of a connection (sections 3.1.4 and 3.2).
func (b *Broker) connect(now time.Time, c *conn, p *packet.Connect) {
	c.version = packet.Version(p.ProtocolLevel)
	c.maxPacket, _ = p.Properties.Number(packet.MaximumPacketSize) // holds for a refusal, too
	if !b.admits(c, p) {
		return
	}
	id := strings.Clone(p.ClientID) // not with the password behind it
	if id == "" {
		id = b.assignClientID()
	}
	old := b.sessions[id]
	full := old == nil && len(b.sessions) >= b.cfg.MaxSessions
	if full && b.away.n == 0 {
		b.refuse(c, p, refusal{keyRefusedFull, packet.ServerUnavailable311, packet.QuotaExceeded, []string{"limit", number(b.cfg.MaxSessions)}})
		return
	}
	if c.version == packet.V5 && !b.canAnswer(c, p, id) {
		return
	}
	if !b.makeRoom(now, toKeep(p, id, old), old) {
		b.refuse(c, p, refusal{keyRefusedCrowded, packet.ServerUnavailable311, packet.QuotaExceeded, []string{"bytes", number(b.keptBytes)}})
		return
	}
	full = full && len(b.sessions) >= b.cfg.MaxSessions
	if full {
		b.dropAway(now, b.away.first, b.cfg.MaxSessions)
	}
	b.takeOver(now, c, id, p)
	present := b.attach(now, c, id, p)
	if b.cfg.Explain {
		key := keyAccepted
		if p.ClientID == "" {
			key = keyAssigned
		}
		b.explain(c.version, about(c, key), "client", id, "version", c.version.String())
		key = keySessionNew
		switch {
		case present:
			key = keySessionResumed
		case p.CleanSession:
			key = keySessionClean
		}
		s := c.session
		b.explain(c.version, about(c, key), "client", id, "subscriptions", number(len(s.subs)), "inflight", number(s.out.published.n+s.out.released.n), "queued", number(s.out.queue.len()))
	}
	if p.HasWill {
		b.keepWill(c, p)
	}
	b.saveSession(c.session)
	b.startKeepAlive(now, c, p)
	// 3.1 had no Session Present; the bit stays 0 there.
	connack := packet.Connack{SessionPresent: present && c.version != packet.V31}
	if c.version == packet.V5 {
		connack.Properties = b.connackProperties(p, id)
	}
	b.send(c, &connack, 0)
	b.resume(now, c)
}

// canAnswer says whether the Client takes a CONNACK as long as it has to be
// [5.0: MQTT-3.1.2-24]. If not, nothing may be sent to it at all [5.0:
// MQTT-3.2.0-1]: the connection is closed before it changes anything.
func (b *Broker) canAnswer(c *conn, p *packet.Connect, id string) bool {
	if c.maxPacket == 0 || c.maxPacket > 1<<10+uint32(len(id)) { // more than it can have
		return true
	}
	connack := packet.Connack{Properties: b.connackProperties(p, id)}
	size := len(b.encode(&connack, c.version, 256))
	if size <= int(c.maxPacket) {
		return true
	}
	if b.cfg.Explain {
		e := about(c, keyConnackTooLarge)
		e.Client = id
		b.explain(c.version, e, "bytes", number(size), "max", number(int(c.maxPacket)))
	}
	b.close(c)
	return false
}

// assignClientID makes a Client Identifier that no Session has [MQTT-3.1.3-6].
func (b *Broker) assignClientID() string {
	for {
		b.assigned++
		id := "auto-" + strconv.FormatUint(b.assigned, 10)
		if b.sessions[id] == nil {
			return id
		}
	}
}

// takeOver closes the connection of a Client Identifier that is already
// connected [MQTT-3.1.4-2; 5.0: MQTT-3.1.4-3], and ends the old Session if a
// new one is wanted.
func (b *Broker) takeOver(now time.Time, c *conn, id string, p *packet.Connect) {
	old := b.sessions[id]
	if old == nil {
		return
	}
	if older := old.conn; older != nil {
		if b.cfg.Explain {
			e := Explanation{Key: keyTakeover, Conn: c.id, Client: id, Target: older.id, TargetClient: id}
			b.explain(c.version, e, "client", id)
		}
		// The Session ends here if it was to end with its connection; a
		// delayed Will is sent only if it does, or if a new one is begun.
		b.hangUp(now, older, packet.SessionTakenOver)
	}
	old = b.sessions[id]
	if old == nil {
		return
	}
	if !p.CleanSession {
		b.discardWill(c.version, old, willResumed, keyWillResumed) // [5.0: MQTT-3.1.3-9]
		return
	}
	if b.cfg.Explain {
		b.explain(c.version, Explanation{Key: keySessionDiscarded, Conn: c.id, Client: id}, "client", id, "subscriptions", number(len(old.subs)), "queued", number(old.out.queue.len()))
	}
	w := b.takeWill(old)
	b.endSession(now, old)
	if w != nil {
		w.state = willMachine.next(w.state, willDelayEnds)
		b.publishWill(now, old, w)
	}
}

// attach gives c its Session and returns Session Present.
func (b *Broker) attach(now time.Time, c *conn, id string, p *packet.Connect) bool {
	s := b.sessions[id]
	present := s != nil
	if !present {
		s = b.newSession(id)
	}
	b.unschedule(&s.expiryTimer)
	event := sessionConnectResume
	if p.CleanSession {
		event = sessionConnectClean
	}
	s.state = sessionMachine.next(s.state, event)
	s.conn, s.version, s.clean = c, c.version, p.CleanSession
	c.session = s
	s.expiry = never
	c.quota, c.noProblemInfo = b.cfg.MaxInflight, false
	switch {
	case c.version == packet.V5:
		expiry, _ := p.Properties.Number(packet.SessionExpiryInterval)
		s.expiry = b.boundExpiry(expiry)
		if limit, ok := p.Properties.Number(packet.ReceiveMaximum); ok {
			c.quota = min(c.quota, int(limit))
		}
		c.window = c.quota
		limit, _ := p.Properties.Number(packet.TopicAliasMaximum)
		c.aliasMax = int(limit)
		info, ok := p.Properties.Number(packet.RequestProblemInformation)
		c.noProblemInfo = ok && info == 0
	case p.CleanSession:
		s.expiry = 0
	}
	if !present {
		s.kept = b.cfg.Durable && s.expiry > 0 // one with 0 never outlives its connection
	}
	s.left = time.Time{}
	b.away.remove(s)
	return present
}

// startKeepAlive begins to watch that the Client is not silent for too long
// [MQTT-3.1.2-24].
func (b *Broker) startKeepAlive(now time.Time, c *conn, p *packet.Connect) {
	c.keepAlive = p.KeepAlive
	if c.version == packet.V5 && b.cfg.ServerKeepAlive > 0 {
		c.keepAlive = b.cfg.ServerKeepAlive
	}
	b.unschedule(&c.timer)
	if c.keepAlive == 0 {
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyKeepAliveOff))
		}
		return
	}
	c.patience = time.Duration(math.Round(float64(c.keepAlive) * b.cfg.KeepAliveGrace * float64(time.Second)))
	b.schedule(&c.timer, now.Add(c.patience))
	if b.cfg.Explain {
		b.explain(c.version, about(c, keyKeepAlive), "keep_alive", number(int(c.keepAlive)), "seconds", seconds(c.patience))
	}
}

// connackProperties says what the Server limits or has decided (5.0, section 3.2.2.3).
func (b *Broker) connackProperties(p *packet.Connect, id string) packet.Properties {
	var ps packet.Properties
	set := func(id packet.PropertyID, n uint32) {
		ps = append(ps, packet.Property{ID: id, Number: n})
	}
	unless := func(no bool, id packet.PropertyID) {
		if no {
			set(id, 0)
		}
	}
	if asked, _ := p.Properties.Number(packet.SessionExpiryInterval); asked != b.boundExpiry(asked) {
		set(packet.SessionExpiryInterval, b.boundExpiry(asked))
	}
	if b.cfg.ReceiveMaximum < maxPacketID {
		set(packet.ReceiveMaximum, uint32(b.cfg.ReceiveMaximum))
	}
	if *b.cfg.MaxQoS < 2 {
		set(packet.MaximumQoS, uint32(*b.cfg.MaxQoS))
	}
	unless(b.cfg.NoRetain, packet.RetainAvailable)
	if b.cfg.MaxPacketSize > 0 {
		set(packet.MaximumPacketSize, b.cfg.MaxPacketSize)
	}
	if p.ClientID == "" {
		ps = append(ps, packet.Property{ID: packet.AssignedClientIdentifier, Text: id})
	}
	if b.cfg.TopicAliasMaximum > 0 {
		set(packet.TopicAliasMaximum, uint32(b.cfg.TopicAliasMaximum))
	}
	if asked, _ := p.Properties.Number(packet.RequestResponseInformation); asked == 1 && b.cfg.ResponseInformation {
		if name := responseInformation(id); name != "" {
			ps = append(ps, packet.Property{ID: packet.ResponseInformation, Text: name})
		}
	}
	unless(b.cfg.NoWildcards, packet.WildcardSubscriptionAvailable)
	unless(b.cfg.NoSubscriptionIDs, packet.SubscriptionIdentifierAvailable)
	unless(b.cfg.NoShared, packet.SharedSubscriptionAvailable)
	if b.cfg.ServerKeepAlive > 0 {
		set(packet.ServerKeepAlive, uint32(b.cfg.ServerKeepAlive))
	}
	return ps
}

// admits checks a CONNECT against the configuration and refuses it if need be.
func (b *Broker) admits(c *conn, p *packet.Connect) bool {
	no := func(key string, code311, code5 packet.ReasonCode, args ...string) bool {
		b.refuse(c, p, refusal{key, code311, code5, args})
		return false
	}
	cfg := &b.cfg
	switch {
	case !slices.Contains(cfg.Versions, c.version):
		return no(keyRefusedVersion, packet.UnacceptableProtocolVersion, packet.UnsupportedProtocolVersion, "version", c.version.String(), "level", number(int(p.ProtocolLevel)))
	case cfg.Unavailable:
		return no(keyRefusedUnavailable, packet.ServerUnavailable311, packet.ServerUnavailable)
	case cfg.MaxClientIDLength > 0 && len(p.ClientID) > cfg.MaxClientIDLength:
		return no(keyRefusedClientID, packet.IdentifierRejected, packet.ClientIdentifierNotValid, "client", p.ClientID)
	case slices.Contains(cfg.RejectClientIDs, p.ClientID):
		return no(keyRefusedClientID, packet.IdentifierRejected, packet.ClientIdentifierNotValid, "client", p.ClientID)
	}
	if method, ok := p.Properties.Text(packet.AuthenticationMethod); ok {
		return no(keyRefusedMethod, 0, packet.BadAuthenticationMethod, "method", method)
	}
	if cfg.Users != nil {
		password, known := cfg.Users[p.UserName]
		switch {
		case !p.HasUserName && cfg.Anonymous:
		case !p.HasUserName:
			return no(keyRefusedAnonymous, packet.NotAuthorized311, packet.NotAuthorized)
		case !known || !p.HasPassword || subtle.ConstantTimeCompare([]byte(password), p.Password) == 0:
			return no(keyRefusedPassword, packet.BadUserNameOrPassword311, packet.BadUserNameOrPassword, "user", p.UserName)
		}
	}
	if slices.Contains(cfg.DenyClientIDs, p.ClientID) {
		return no(keyRefusedDenied, packet.NotAuthorized311, packet.NotAuthorized, "client", p.ClientID)
	}
	if c.version == packet.V5 && p.HasWill {
		switch {
		case p.Will.QoS > *cfg.MaxQoS:
			return no(keyRefusedWillQoS, 0, packet.QoSNotSupported, "qos", number(int(p.Will.QoS)), "max", number(int(*cfg.MaxQoS)))
		case p.Will.Retain && cfg.NoRetain:
			return no(keyRefusedWillRetain, 0, packet.RetainNotSupported)
		}
	}
	return true
}
