package flow

import (
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
)

// check is one rule that shows between packets.
type check uint8

const (
	firstPacket check = iota
	secondConnect
	anotherConnect
	anotherConnectSameID
	anotherConnectNoID
	connackFirst
	disconnectBeforeConnack
	secondConnack
	connackWithoutConnect
	afterRefusal
	sentToRefuser
	afterDisconnect
	sessionPresentClean
	acceptedBroken
	acceptedEmptyID
	acceptedLevel
	stillOpen
	noAssignedID
	assignedNeedless
	willQoSTooHigh
	willRetainUnavailable
	responseUnasked
	onlyAuthYet
	sessionPresentIgnored
	afterAuthRefusal
	afterErrorDisconnect
	afterReauthFailed

	idInUse
	resentWithoutDup
	dupOfOther
	dupWithoutFirst1
	dupWithoutFirst2
	resentHere
	resentAfterPubrel
	resentOrder
	wrongAck
	ackUnknown
	ackTwice
	pubrelWithoutPubrec
	pubcompWithoutPubrel
	pubackOrder
	pubrecOrder
	pubrelOrder
	receiveMaximum

	answerUnknown
	subackCount
	unsubackCount
	grantedAbove
	subackOrder
	pingrespUnasked
	wildcardUnavailable
	sharedUnavailable
	subscriptionIDUnavailable
	noSubscription
	deliveredAbove
	subscriptionIDMissing
	subscriptionIDForeign

	qosAboveMaximum
	retainUnavailable
	qosUndeclared
	subscribeRefused
	heldByQuota
	packetTooLarge
	propertyTooLarge
	problemUnasked
	aliasAboveMaximum
	aliasNotAllowed
	aliasUnknown
	aliasRefused
	aliasCarried
	sessionExpiryRaised
	reasonServerOnly
	reasonClientOnly
	authServerOnly
	authClientOnly

	authNotBegun
	authMethodChanged
	authMethodMissing
	reauthMethodChanged
	authCode

	keepAliveExceeded
	keepAliveTimeout

	noSuback
	noUnsuback
	noPingresp
	noPuback
	noPubrec
	noPubrel
	noPubcomp
	checkCount
)

// cited is the statement for a breach by the client and by the server.
type cited struct{ client, server string }

func both(id string) cited { return cited{id, id} }

// checks gives each check its slug, its severity, and its statement before
// 5.0 and in 5.0. Where no statement has a number, the section is named.
// Version 3.1 numbered nothing: the 3.1.1 statement that says the same is
// cited. absent: the breach is that a packet is missing.
var checks = [checkCount]struct {
	slug     string
	severity Severity
	absent   bool
	v311, v5 cited
}{
	firstPacket:             {"first-packet", Error, false, both("MQTT-3.1.0-1"), both("MQTT-3.1.0-1")},
	secondConnect:           {"second-connect", Error, false, both("MQTT-3.1.0-2"), both("MQTT-3.1.0-2")},
	anotherConnect:          {"another-connect", Note, false, both("MQTT-3.1.0-2"), both("MQTT-3.1.0-2")},
	anotherConnectSameID:    {"another-connect-same-id", Note, false, both("MQTT-3.1.4-2"), both("MQTT-3.1.4-3")},
	anotherConnectNoID:      {"another-connect-no-id", Note, false, both("MQTT-3.1.0-2"), both("MQTT-3.1.0-2")},
	connackFirst:            {"connack-first", Error, true, both("MQTT-3.2.0-1"), both("MQTT-3.2.0-1")},
	disconnectBeforeConnack: {"disconnect-before-connack", Error, true, both("§3.14"), both("MQTT-3.14.0-1")},
	secondConnack:           {"second-connack", Error, true, both("§3.2"), both("MQTT-3.2.0-2")},
	connackWithoutConnect:   {"connack-without-connect", Error, true, both("§3.2"), both("§3.2")},
	afterRefusal:            {"after-refusal", Error, true, both("MQTT-3.2.2-5"), both("MQTT-3.2.2-7")},
	sentToRefuser:           {"sent-to-refuser", Note, false, both("MQTT-3.1.4-5"), both("MQTT-3.1.4-6")},
	afterDisconnect:         {"after-disconnect", Error, true, both("MQTT-3.14.4-2"), both("MQTT-3.14.4-1")},
	sessionPresentClean:     {"session-present-clean", Error, false, both("MQTT-3.2.2-1"), both("MQTT-3.2.2-2")},
	acceptedBroken:          {"accepted-broken", Error, false, both("MQTT-3.1.4-1"), both("MQTT-3.1.4-1")},
	acceptedEmptyID:         {"accepted-empty-id", Error, false, both("MQTT-3.1.3-8"), both("")},
	acceptedLevel:           {"accepted-level", Error, false, both("MQTT-3.1.2-2"), both("§3.1.2.2")},
	stillOpen:               {"still-open", Error, true, both("MQTT-4.8.0-1"), both("MQTT-4.13.1-1")},
	noAssignedID:            {"no-assigned-id", Error, false, both(""), both("MQTT-3.1.3-7")},
	assignedNeedless:        {"assigned-needless", Warning, false, both(""), both("§3.2.2.3.7")},
	willQoSTooHigh:          {"will-qos-too-high", Error, false, both(""), both("MQTT-3.2.2-12")},
	willRetainUnavailable:   {"will-retain-unavailable", Error, false, both(""), both("MQTT-3.2.2-13")},
	responseUnasked:         {"response-unasked", Error, false, both(""), both("MQTT-3.1.2-28")},
	onlyAuthYet:             {"only-auth-yet", Error, true, both(""), both("MQTT-3.1.2-30")},
	sessionPresentIgnored:   {"session-present-ignored", Error, true, both(""), cited{"MQTT-3.2.2-4", ""}},
	afterAuthRefusal:        {"after-refusal", Error, true, both(""), both("MQTT-4.12.0-4")},
	afterErrorDisconnect:    {"after-disconnect", Error, true, both(""), both("MQTT-4.13.2-1")},
	afterReauthFailed:       {"after-disconnect", Error, true, both(""), both("MQTT-4.12.1-2")},

	idInUse:              {"packet-id-in-use", Error, true, cited{"MQTT-2.3.1-2", "MQTT-2.3.1-4"}, cited{"MQTT-2.2.1-3", "MQTT-2.2.1-4"}},
	resentWithoutDup:     {"resent-without-dup", Error, true, both("MQTT-3.3.1-1"), both("MQTT-3.3.1-1")},
	dupOfOther:           {"dup-of-other", Error, true, cited{"MQTT-2.3.1-2", "MQTT-2.3.1-4"}, cited{"MQTT-2.2.1-3", "MQTT-2.2.1-4"}},
	dupWithoutFirst1:     {"dup-without-first", Error, true, cited{"MQTT-4.3.2-1", "MQTT-3.3.1-3"}, cited{"MQTT-4.3.2-2", "MQTT-3.3.1-3"}},
	dupWithoutFirst2:     {"dup-without-first", Error, true, cited{"MQTT-4.3.3-1", "MQTT-3.3.1-3"}, cited{"MQTT-4.3.3-2", "MQTT-3.3.1-3"}},
	resentHere:           {"resent-same-connection", Error, true, both(""), both("MQTT-4.4.0-1")},
	resentAfterPubrel:    {"resent-after-pubrel", Error, true, both("MQTT-4.3.3-1"), both("MQTT-4.3.3-6")},
	resentOrder:          {"resent-order", Error, false, cited{"MQTT-4.6.0-1", ""}, cited{"MQTT-4.6.0-1", ""}},
	wrongAck:             {"wrong-ack", Error, false, both("MQTT-3.3.4-1"), both("MQTT-3.3.4-1")},
	ackUnknown:           {"ack-unknown", Error, true, both("MQTT-2.3.1-6"), both("MQTT-2.2.1-5")},
	ackTwice:             {"ack-twice", Warning, true, both("§4.3"), both("§4.3")},
	pubrelWithoutPubrec:  {"pubrel-without-pubrec", Error, true, both("MQTT-4.3.3-1"), both("MQTT-4.3.3-4")},
	pubcompWithoutPubrel: {"pubcomp-without-pubrel", Error, true, both("MQTT-4.3.3-2"), both("MQTT-4.3.3-11")},
	pubackOrder:          {"ack-order", Error, false, both("MQTT-4.6.0-2"), both("MQTT-4.6.0-2")},
	pubrecOrder:          {"ack-order", Error, false, both("MQTT-4.6.0-3"), both("MQTT-4.6.0-3")},
	pubrelOrder:          {"ack-order", Error, false, both("MQTT-4.6.0-4"), both("MQTT-4.6.0-4")},
	receiveMaximum:       {"receive-maximum", Error, true, both(""), cited{"MQTT-3.3.4-7", "MQTT-3.3.4-9"}},

	answerUnknown:             {"answer-unknown", Error, true, both("MQTT-2.3.1-7"), both("MQTT-2.2.1-6")},
	subackCount:               {"suback-count", Error, false, both("MQTT-3.8.4-5"), both("MQTT-3.8.4-6")},
	unsubackCount:             {"unsuback-count", Error, false, both(""), both("MQTT-3.11.3-1")},
	grantedAbove:              {"granted-above", Warning, false, both("§3.8.4"), both("§3.8.4")},
	subackOrder:               {"suback-order", Warning, false, both("MQTT-3.9.3-1"), both("MQTT-3.9.3-1")},
	pingrespUnasked:           {"pingresp-unasked", Warning, true, both("§3.13"), both("§3.13")},
	wildcardUnavailable:       {"wildcard-unavailable", Error, false, both(""), both("§3.2.2.3.11")},
	subscriptionIDUnavailable: {"subscription-id-unavailable", Error, false, both(""), both("§3.2.2.3.12")},
	sharedUnavailable:         {"shared-unavailable", Error, false, both(""), both("§3.2.2.3.13")},
	noSubscription:            {"no-subscription", Note, true, both("MQTT-3.3.2-3"), both("MQTT-3.3.2-3")},
	deliveredAbove:            {"delivered-above", Error, true, both("MQTT-3.8.4-6"), both("MQTT-3.8.4-8")},
	subscriptionIDMissing:     {"subscription-id-missing", Error, true, both(""), both("MQTT-3.3.4-3")},
	subscriptionIDForeign:     {"subscription-id-foreign", Error, true, both(""), both("MQTT-3.3.4-5")},

	qosAboveMaximum:     {"qos-above-maximum", Error, false, both(""), both("MQTT-3.2.2-11")},
	retainUnavailable:   {"retain-unavailable", Error, false, both(""), both("MQTT-3.2.2-14")},
	qosUndeclared:       {"qos-undeclared", Error, false, both(""), both("MQTT-3.2.2-9")},
	subscribeRefused:    {"subscribe-refused", Error, true, both(""), both("MQTT-3.2.2-10")},
	heldByQuota:         {"held-by-quota", Warning, true, both(""), cited{"MQTT-3.3.4-8", "MQTT-3.3.4-10"}},
	packetTooLarge:      {"packet-too-large", Error, false, both(""), cited{"MQTT-3.2.2-15", "MQTT-3.1.2-24"}},
	propertyTooLarge:    {"property-too-large", Error, false, both(""), both("")}, // by type, see tooLarge
	problemUnasked:      {"problem-unasked", Error, false, both(""), both("MQTT-3.1.2-29")},
	aliasAboveMaximum:   {"alias-above-maximum", Error, false, both(""), cited{"MQTT-3.2.2-17", "MQTT-3.1.2-26"}},
	aliasNotAllowed:     {"alias-not-allowed", Error, false, both(""), cited{"MQTT-3.2.2-18", "MQTT-3.1.2-27"}},
	aliasUnknown:        {"alias-unknown", Error, true, both(""), both("§3.3.2.3.4")},
	aliasRefused:        {"alias-refused", Error, true, both(""), cited{"MQTT-3.3.2-10", "MQTT-3.3.2-12"}},
	aliasCarried:        {"alias-carried", Error, true, both(""), both("MQTT-3.3.2-7")},
	sessionExpiryRaised: {"session-expiry-raised", Error, false, both(""), both("§3.14.2.2.2")},

	reasonServerOnly: {"reason-server-only", Warning, false, both(""), both("MQTT-3.14.2-1")},
	reasonClientOnly: {"reason-client-only", Warning, false, both(""), both("MQTT-3.14.2-1")},
	authServerOnly:   {"reason-server-only", Warning, false, both(""), both("MQTT-3.15.2-1")},
	authClientOnly:   {"reason-client-only", Warning, false, both(""), both("MQTT-3.15.2-1")},

	authNotBegun:        {"auth-not-begun", Error, false, both(""), cited{"MQTT-4.12.0-7", "MQTT-4.12.0-6"}},
	authMethodChanged:   {"auth-method-changed", Error, false, both(""), both("MQTT-4.12.0-5")},
	authMethodMissing:   {"auth-method-missing", Error, false, both(""), both("MQTT-4.12.0-5")},
	reauthMethodChanged: {"auth-method-changed", Error, false, both(""), both("MQTT-4.12.1-1")},
	authCode:            {"auth-code", Error, false, both(""), cited{"MQTT-4.12.0-3", "MQTT-4.12.0-2"}},

	keepAliveExceeded: {"keep-alive-exceeded", Warning, true, both("MQTT-3.1.2-23"), both("MQTT-3.1.2-20")},
	keepAliveTimeout:  {"keep-alive-timeout", Error, true, both("MQTT-3.1.2-24"), both("MQTT-3.1.2-22")},

	noSuback:   {"no-answer", Note, false, both("MQTT-3.8.4-1"), both("MQTT-3.8.4-1")},
	noUnsuback: {"no-answer", Note, false, both("MQTT-3.10.4-4"), both("MQTT-3.10.4-4")},
	noPingresp: {"no-answer", Note, false, both("MQTT-3.12.4-1"), both("MQTT-3.12.4-1")},
	noPuback:   {"no-answer", Note, false, both("MQTT-3.3.4-1"), both("MQTT-3.3.4-1")},
	noPubrec:   {"no-answer", Note, false, both("MQTT-3.3.4-1"), both("MQTT-3.3.4-1")},
	noPubrel:   {"no-answer", Note, false, both("MQTT-4.3.3-1"), both("MQTT-4.3.3-4")},
	noPubcomp:  {"no-answer", Note, false, both("MQTT-4.3.3-2"), both("MQTT-4.3.3-11")},
}

// rule returns the statement that a breach by this party goes against. If
// the party is not known and it matters, it is the section.
func (k check) rule(v packet.Version, by packet.Party) string {
	c := checks[k].v311
	if v == packet.V5 {
		c = checks[k].v5
	}
	switch {
	case by == packet.Server:
		return c.server
	case by == packet.Client || c.client == c.server:
		return c.client
	}
	section := strings.TrimPrefix(c.client, "MQTT-")
	if i := strings.LastIndexByte(section, '-'); i > 0 {
		section = section[:i]
	}
	return "§" + section
}

func (k check) finding(v packet.Version, by packet.Party, at Place, args []string) Finding {
	row := &checks[k]
	return Finding{Code: row.slug, Rule: k.rule(v, by), Severity: row.severity, Place: at, Key: "flow." + row.slug, Args: args}
}

func number[T ~int | ~int64 | ~uint8 | ~uint16 | ~uint32](n T) string {
	return strconv.FormatInt(int64(n), 10)
}
