package packet

// ReasonCode is the one-byte outcome of an operation in 5.0 (section 2.4).
// Before 5.0 the return codes of CONNACK and SUBACK have values of their own.
type ReasonCode byte

// The Reason Codes of 5.0, table 2-6. 0x00 has three names.
const (
	Success                             ReasonCode = 0x00
	GrantedQoS0                         ReasonCode = 0x00
	NormalDisconnection                 ReasonCode = 0x00
	GrantedQoS1                         ReasonCode = 0x01
	GrantedQoS2                         ReasonCode = 0x02
	DisconnectWithWill                  ReasonCode = 0x04
	NoMatchingSubscribers               ReasonCode = 0x10
	NoSubscriptionExisted               ReasonCode = 0x11
	ContinueAuthentication              ReasonCode = 0x18
	ReAuthenticate                      ReasonCode = 0x19
	UnspecifiedError                    ReasonCode = 0x80
	MalformedPacket                     ReasonCode = 0x81
	ProtocolError                       ReasonCode = 0x82
	ImplementationSpecificError         ReasonCode = 0x83
	UnsupportedProtocolVersion          ReasonCode = 0x84
	ClientIdentifierNotValid            ReasonCode = 0x85
	BadUserNameOrPassword               ReasonCode = 0x86
	NotAuthorized                       ReasonCode = 0x87
	ServerUnavailable                   ReasonCode = 0x88
	ServerBusy                          ReasonCode = 0x89
	Banned                              ReasonCode = 0x8A
	ServerShuttingDown                  ReasonCode = 0x8B
	BadAuthenticationMethod             ReasonCode = 0x8C
	KeepAliveTimeout                    ReasonCode = 0x8D
	SessionTakenOver                    ReasonCode = 0x8E
	TopicFilterInvalid                  ReasonCode = 0x8F
	TopicNameInvalid                    ReasonCode = 0x90
	PacketIdentifierInUse               ReasonCode = 0x91
	PacketIdentifierNotFound            ReasonCode = 0x92
	ReceiveMaximumExceeded              ReasonCode = 0x93
	TopicAliasInvalid                   ReasonCode = 0x94
	PacketTooLarge                      ReasonCode = 0x95
	MessageRateTooHigh                  ReasonCode = 0x96
	QuotaExceeded                       ReasonCode = 0x97
	AdministrativeAction                ReasonCode = 0x98
	PayloadFormatInvalid                ReasonCode = 0x99
	RetainNotSupported                  ReasonCode = 0x9A
	QoSNotSupported                     ReasonCode = 0x9B
	UseAnotherServer                    ReasonCode = 0x9C
	ServerMoved                         ReasonCode = 0x9D
	SharedSubscriptionsNotSupported     ReasonCode = 0x9E
	ConnectionRateExceeded              ReasonCode = 0x9F
	MaximumConnectTime                  ReasonCode = 0xA0
	SubscriptionIdentifiersNotSupported ReasonCode = 0xA1
	WildcardSubscriptionsNotSupported   ReasonCode = 0xA2
)

// The CONNACK return codes of 3.1 and 3.1.1 (table 3-1) and the one SUBACK
// code of 3.1.1 that is no QoS.
const (
	ConnectionAccepted          ReasonCode = 0
	UnacceptableProtocolVersion ReasonCode = 1
	IdentifierRejected          ReasonCode = 2
	ServerUnavailable311        ReasonCode = 3
	BadUserNameOrPassword311    ReasonCode = 4
	NotAuthorized311            ReasonCode = 5
	SubackFailure               ReasonCode = 0x80
)

// reasonCodes lists which packets of 5.0 may carry which Reason Code (table 2-6
// and the tables of section 3).
var reasonCodes = map[Type][]ReasonCode{
	CONNACK:    {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F},
	PUBACK:     {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREC:     {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREL:     {0x00, 0x92},
	PUBCOMP:    {0x00, 0x92},
	SUBACK:     {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
	UNSUBACK:   {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
	DISCONNECT: {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2},
	AUTH:       {0x00, 0x18, 0x19},
}

// reasonCodeSets holds reasonCodes as one bit a code, for the fast path.
var reasonCodeSets = func() (sets [16][4]uint64) {
	for t, codes := range reasonCodes {
		for _, c := range codes {
			sets[t][c>>6] |= 1 << (c & 63)
		}
	}
	return sets
}()

// ReasonCodes returns the codes that a packet of type t may carry under
// version v, in rising order: Reason Codes in 5.0, return codes before.
func ReasonCodes(t Type, v Version) []ReasonCode {
	switch {
	case v == V5:
		return reasonCodes[t]
	case t == CONNACK:
		return []ReasonCode{0, 1, 2, 3, 4, 5}
	case t == SUBACK && v == V31:
		return []ReasonCode{0, 1, 2}
	case t == SUBACK:
		return []ReasonCode{0, 1, 2, SubackFailure}
	}
	return nil
}

// ServersOnly says whether only a Server may send this Reason Code in
// DISCONNECT (5.0, section 3.14.2.1).
func (c ReasonCode) ServersOnly() bool {
	switch c {
	case NotAuthorized, ServerBusy, ServerShuttingDown, KeepAliveTimeout, SessionTakenOver, TopicFilterInvalid,
		RetainNotSupported, QoSNotSupported, UseAnotherServer, ServerMoved, SharedSubscriptionsNotSupported, ConnectionRateExceeded,
		MaximumConnectTime, SubscriptionIdentifiersNotSupported, WildcardSubscriptionsNotSupported:
		return true
	}
	return false
}

func (c *cursor) reasonCode(f Field, t Type) ReasonCode {
	code := c.u8(f)
	if reasonCodeSets[t][code>>6]&(1<<(code&63)) == 0 {
		c.report(Fault{Violation: ReasonCodeReserved, Field: f, Offset: c.off - 1, Length: 1, Hi: -1, Lo: -1, Want: int(code)})
	}
	return ReasonCode(code)
}
