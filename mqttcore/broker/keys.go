package broker

import (
	"slices"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// The keys of the explanations: messages of package spec.
const (
	keyAccepted           = "connect.accepted"
	keyAssigned           = "connect.assigned"
	keyTakeover           = "connect.takeover"
	keyRefusedVersion     = "connect.refused.version"
	keyRefusedUnavailable = "connect.refused.unavailable"
	keyRefusedClientID    = "connect.refused.client_id"
	keyRefusedMethod      = "connect.refused.method"
	keyRefusedAnonymous   = "connect.refused.anonymous"
	keyRefusedPassword    = "connect.refused.password"
	keyRefusedDenied      = "connect.refused.denied"
	keyRefusedFull        = "connect.refused.full"
	keyRefusedCrowded     = "connect.refused.crowded"
	keyRefusedWillQoS     = "connect.refused.will_qos"
	keyRefusedWillRetain  = "connect.refused.will_retain"
	keyConnackTooLarge    = "connect.connack_too_large"
	keyNotConnect         = "connect.missing"
	keySecondConnect      = "connect.second"
	keyConnectTimeout     = "connect.timeout"
	keyFaultConnect       = "fault.connect"
	keyFaultRefused       = "fault.refused"
	keyFault              = "fault.packet"
	keyWrongDirection     = "fault.direction"
	keyAuthUnasked        = "fault.auth"

	keySessionNew       = "session.new"
	keySessionClean     = "session.clean"
	keySessionResumed   = "session.resumed"
	keySessionDiscarded = "session.discarded"
	keySessionKept      = "session.kept"
	keySessionEnded     = "session.ended"
	keySessionExpired   = "session.expired"
	keySessionDropped   = "session.dropped"
	keySessionCrowded   = "session.crowded"
	keyExpiryRaised     = "session.expiry_raised"

	keyKeepAlive         = "keep_alive.set"
	keyKeepAliveOff      = "keep_alive.off"
	keyKeepAliveExpired  = "keep_alive.expired"
	keyPing              = "keep_alive.ping"
	keyMore              = "explained.more"
	keyDisconnect        = "connection.disconnect"
	keyDisconnectFor     = "connection.disconnect_for"
	keyDisconnectCode    = "connection.disconnect_code"
	keyConnectionLost    = "connection.lost"
	keyConnectionDropped = "connection.dropped"

	keyWillKept      = "will.kept"
	keyWillDiscarded = "will.discarded"
	keyWillDelayed   = "will.delayed"
	keyWillResumed   = "will.resumed"
	keyWillPublished = "will.published"

	keyMatches              = "publish.matches"
	keyNoMatch              = "publish.no_match"
	keyNearDiffers          = "publish.near_differs"
	keyNearFilterEnds       = "publish.near_filter_ends"
	keyNearNameEnds         = "publish.near_name_ends"
	keyNearHidden           = "publish.near_hidden"
	keyNearSlash            = "publish.near_slash"
	keyDelivered            = "publish.delivered"
	keyOverlap              = "publish.overlap"
	keyRetainCleared        = "publish.retain_cleared"
	keyNoLocal              = "publish.no_local"
	keyDuplicate            = "publish.duplicate"
	keyReleased             = "publish.released"
	keyPubrelUnknown        = "publish.pubrel_unknown"
	keyPublishDenied        = "publish.denied"
	keyPublishNotAllowed    = "publish.not_allowed"
	keyDeniedSilently       = "publish.denied_silently"
	keyDeniedWithCode       = "publish.denied_with_code"
	keyHearingDenied        = "publish.hearing_denied"
	keyRetainIgnored        = "publish.retain_ignored"
	keyReceiveMaximum       = "publish.receive_maximum"
	keyQoSNotSupported      = "publish.qos_not_supported"
	keyRetainNotSupported   = "publish.retain_not_supported"
	keyIdentifierFromClient = "publish.subscription_identifier"
	keyAliasSet             = "publish.alias_set"
	keyAliasUsed            = "publish.alias_used"
	keyAliasUnknown         = "publish.alias_unknown"
	keyAliasInvalid         = "publish.alias_invalid"
	keyAliasCrowded         = "publish.alias_crowded"

	keyDroppedAway    = "deliver.dropped_away"
	keyDroppedFull    = "deliver.dropped_full"
	keyDroppedAllFull = "deliver.dropped_all_full"
	keyQueuedAway     = "deliver.queued_away"
	keyQueuedWindow   = "deliver.queued_window"
	keyUnqueued       = "deliver.unqueued"
	keyExpired        = "deliver.expired"
	keyTooLarge       = "deliver.too_large"
	keyPublishAgain   = "deliver.again"
	keyPubrelAgain    = "deliver.pubrel_again"
	keyPubrec         = "deliver.received"
	keyAcked          = "deliver.acknowledged"
	keyRedistributed  = "deliver.redistributed"
	keyTooLargeAnswer = "deliver.too_large_answer"
	keyUnknownAck     = "deliver.unknown_ack"
	keyWrongAck       = "deliver.wrong_ack"

	keyRetainedStored   = "retained.stored"
	keyRetainedReplaced = "retained.replaced"
	keyRetainedCleared  = "retained.cleared"
	keyRetainedNothing  = "retained.nothing"
	keyRetainedFull     = "retained.full"
	keyRetainedLeft     = "retained.left"
	keyRetainedExpired  = "retained.expired"
	keyRetainedSent     = "retained.sent"
	keyRetainedWithheld = "retained.withheld"

	keySubscribed          = "subscribe.granted"
	keyResubscribed        = "subscribe.replaced"
	keyDeniedShared        = "subscribe.denied.shared"
	keyDeniedIdentifier    = "subscribe.denied.identifier"
	keyDeniedWildcards     = "subscribe.denied.wildcards"
	keyDeniedFull          = "subscribe.denied.full"
	keyDeniedAllFull       = "subscribe.denied.all_full"
	keyDeniedFilter        = "subscribe.denied.filter"
	keyDeniedNotAllowed    = "subscribe.denied.not_allowed"
	keyUnsubscribed        = "unsubscribe.removed"
	keyUnsubscribedNothing = "unsubscribe.nothing"
)

// statements gives the statements on which a decision rests, before 5.0 and
// in 5.0; a section where none has a number; nothing where the specification
// leaves it to the Server, and where the call site names those of a
// transition. 3.1 numbered nothing: it is shown those of 3.1.1 that say the same.
var statements = map[string]struct{ v311, v5 rules }{
	keyAccepted:           {rules{"MQTT-3.1.4-4"}, rules{"MQTT-3.1.4-5"}},
	keyAssigned:           {rules{"MQTT-3.1.3-6", "MQTT-3.1.4-4"}, rules{"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16"}},
	keyTakeover:           {rules{"MQTT-3.1.4-2"}, rules{"MQTT-3.1.4-3"}},
	keyRefusedVersion:     {rules{"MQTT-3.1.2-2"}, rules{"MQTT-3.1.2-2"}},
	keyRefusedUnavailable: {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.2.2-6", "MQTT-3.2.2-7"}},
	keyRefusedClientID:    {rules{"MQTT-3.1.3-9", "MQTT-3.2.2-5"}, rules{"MQTT-3.1.3-8", "MQTT-3.2.2-7"}},
	keyRefusedMethod:      {nil, rules{"MQTT-4.12.0-1"}},
	keyRefusedAnonymous:   {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.1.4-2", "MQTT-3.2.2-7"}},
	keyRefusedPassword:    {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.1.4-2", "MQTT-3.2.2-7"}},
	keyRefusedDenied:      {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.1.4-2", "MQTT-3.2.2-7"}},
	keyRefusedFull:        {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.2.2-6", "MQTT-3.2.2-7"}},
	keyRefusedCrowded:     {rules{"MQTT-3.2.2-4", "MQTT-3.2.2-5"}, rules{"MQTT-3.2.2-6", "MQTT-3.2.2-7"}},
	keyRefusedWillQoS:     {nil, rules{"MQTT-3.2.2-12"}},
	keyRefusedWillRetain:  {nil, rules{"MQTT-3.2.2-13"}},
	keyConnackTooLarge:    {nil, rules{"MQTT-3.1.2-24", "MQTT-3.2.0-1"}},
	keyNotConnect:         {rules{"MQTT-3.1.0-1", "MQTT-4.8.0-1"}, rules{"MQTT-3.1.0-1", "MQTT-4.13.1-1"}},
	keySecondConnect:      {rules{"MQTT-3.1.0-2"}, rules{"MQTT-3.1.0-2"}},
	keyConnectTimeout:     {nil, nil},
	keyFaultConnect:       {rules{"MQTT-3.1.4-1"}, rules{"MQTT-3.1.4-1"}},
	keyFaultRefused:       {rules{"MQTT-3.2.2-5"}, rules{"MQTT-3.1.4-1", "MQTT-3.2.2-7"}},
	keyFault:              {rules{"MQTT-4.8.0-1"}, rules{"MQTT-4.13.1-1"}},
	keyWrongDirection:     {rules{"§2.2.1", "MQTT-4.8.0-1"}, rules{"§2.1.2", "MQTT-4.13.1-1"}},
	keyAuthUnasked:        {nil, rules{"MQTT-4.12.0-7", "MQTT-4.13.1-1"}},

	keySessionNew:       {rules{"MQTT-3.1.2-4", "MQTT-3.2.2-3"}, rules{"MQTT-3.1.2-6", "MQTT-3.2.2-3"}},
	keySessionClean:     {rules{"MQTT-3.1.2-6", "MQTT-3.2.2-1"}, rules{"MQTT-3.1.2-4", "MQTT-3.2.2-2"}},
	keySessionResumed:   {rules{"MQTT-3.1.2-4", "MQTT-3.2.2-2"}, rules{"MQTT-3.1.2-5", "MQTT-3.2.2-2"}},
	keySessionDiscarded: {rules{"MQTT-3.1.2-6"}, rules{"MQTT-3.1.2-4"}},
	keySessionKept:      {rules{"MQTT-3.1.2-4", "MQTT-3.1.2-5"}, rules{"MQTT-3.1.2-23"}},
	keySessionEnded:     {rules{"MQTT-3.1.2-6"}, rules{"MQTT-4.1.0-2"}},
	keySessionExpired:   {nil, rules{"MQTT-4.1.0-2"}},
	keySessionDropped:   {nil, nil},
	keySessionCrowded:   {nil, nil},
	keyExpiryRaised:     {nil, rules{"§3.14.2.2.2", "MQTT-4.13.1-1"}},

	keyKeepAlive:         {rules{"MQTT-3.1.2-24"}, rules{"MQTT-3.1.2-22"}},
	keyKeepAliveOff:      {rules{"§3.1.2.10"}, rules{"§3.1.2.10"}},
	keyKeepAliveExpired:  {rules{"MQTT-3.1.2-24"}, rules{"MQTT-3.1.2-22"}},
	keyPing:              {rules{"MQTT-3.12.4-1"}, rules{"MQTT-3.12.4-1"}},
	keyDisconnect:        {rules{"MQTT-3.14.4-1"}, rules{"MQTT-3.14.4-2"}},
	keyMore:              {nil, nil},
	keyDisconnectFor:     {nil, rules{"MQTT-3.14.4-2"}},
	keyDisconnectCode:    {nil, rules{"MQTT-3.14.2-1", "MQTT-4.13.1-1"}},
	keyConnectionLost:    {nil, nil},
	keyConnectionDropped: {nil, nil},

	keyWillKept:      {rules{"MQTT-3.1.2-8"}, rules{"MQTT-3.1.2-7"}},
	keyWillDiscarded: {rules{"MQTT-3.1.2-10", "MQTT-3.14.4-3"}, rules{"MQTT-3.1.2-10", "MQTT-3.14.4-3"}},
	keyWillDelayed:   {nil, rules{"MQTT-3.1.2-8"}},
	keyWillResumed:   {nil, rules{"MQTT-3.1.3-9"}},
	keyWillPublished: {rules{"MQTT-3.1.2-8"}, rules{"MQTT-3.1.2-8"}},

	keyMatches:              {rules{"MQTT-4.5.0-1"}, rules{"MQTT-4.5.0-1"}},
	keyNoMatch:              {rules{"MQTT-4.5.0-1"}, rules{"MQTT-4.5.0-1"}},
	keyNearDiffers:          levelRules[topic.Differs],
	keyNearFilterEnds:       levelRules[topic.FilterEnds],
	keyNearNameEnds:         levelRules[topic.NameEnds],
	keyNearHidden:           levelRules[topic.Hidden],
	keyNearSlash:            {rules{"MQTT-4.7.3-4"}, rules{"MQTT-4.7.3-4"}},
	keyDelivered:            {rules{"MQTT-3.8.4-6"}, rules{"MQTT-3.8.4-8"}},
	keyOverlap:              {rules{"MQTT-3.3.5-1", "MQTT-3.8.4-6"}, rules{"MQTT-3.3.4-2", "MQTT-3.8.4-8"}},
	keyRetainCleared:        {rules{"MQTT-3.3.1-9"}, rules{"MQTT-3.3.1-12"}},
	keyNoLocal:              {nil, rules{"MQTT-3.8.3-3"}},
	keyDuplicate:            {nil, nil},
	keyReleased:             {nil, nil},
	keyPubrelUnknown:        {nil, nil},
	keyPublishDenied:        {nil, nil},
	keyPublishNotAllowed:    {nil, nil},
	keyDeniedSilently:       {rules{"MQTT-3.3.5-2"}, rules{"§3.3.5"}},
	keyDeniedWithCode:       {nil, rules{"MQTT-3.4.2-1", "MQTT-3.5.2-1"}},
	keyHearingDenied:        {nil, nil},
	keyRetainIgnored:        {nil, nil},
	keyReceiveMaximum:       {nil, rules{"MQTT-3.3.4-7", "MQTT-4.13.1-1"}},
	keyQoSNotSupported:      {nil, rules{"MQTT-3.2.2-11", "MQTT-4.13.1-1"}},
	keyRetainNotSupported:   {nil, rules{"MQTT-3.2.2-14", "MQTT-4.13.1-1"}},
	keyIdentifierFromClient: {nil, rules{"MQTT-3.3.4-6", "MQTT-4.13.1-1"}},
	keyAliasSet:             {nil, rules{"MQTT-3.3.2-12"}},
	keyAliasUsed:            {nil, rules{"MQTT-3.3.2-12"}},
	keyAliasUnknown:         {nil, rules{"§3.3.2.3.4", "MQTT-4.13.1-1"}},
	keyAliasCrowded:         {nil, rules{"MQTT-4.13.1-1"}},
	keyAliasInvalid:         {nil, rules{"MQTT-3.3.2-9", "MQTT-4.13.1-1"}},

	keyDroppedAway:    {nil, nil},
	keyDroppedFull:    {nil, nil},
	keyDroppedAllFull: {nil, nil},
	keyQueuedAway:     {rules{"MQTT-3.1.2-5"}, rules{"MQTT-4.5.0-1"}},
	keyQueuedWindow:   {rules{"§4.4"}, rules{"MQTT-3.3.4-9", "MQTT-4.9.0-2"}},
	keyUnqueued:       {rules{"MQTT-4.6.0-6"}, rules{"MQTT-4.6.0-5"}},
	keyExpired:        {nil, rules{"MQTT-3.3.2-5"}},
	keyTooLarge:       {nil, rules{"MQTT-3.1.2-24", "MQTT-3.1.2-25"}},
	keyPublishAgain:   {nil, nil},
	keyPubrelAgain:    {nil, nil},
	keyPubrec:         {nil, nil},
	keyAcked:          {nil, nil},
	keyRedistributed:  {nil, rules{"§4.8.2"}},
	keyTooLargeAnswer: {nil, rules{"MQTT-3.1.2-24"}},
	keyUnknownAck:     {nil, nil},
	keyWrongAck:       {rules{"MQTT-3.3.4-1", "MQTT-4.8.0-1"}, rules{"MQTT-3.3.4-1", "MQTT-4.13.1-1"}},

	keyRetainedStored:   {rules{"MQTT-3.3.1-5"}, rules{"MQTT-3.3.1-5"}},
	keyRetainedReplaced: {rules{"MQTT-3.3.1-5"}, rules{"MQTT-3.3.1-5"}},
	keyRetainedCleared:  {rules{"MQTT-3.3.1-10", "MQTT-3.3.1-11"}, rules{"MQTT-3.3.1-6", "MQTT-3.3.1-7"}},
	keyRetainedNothing:  {rules{"MQTT-3.3.1-10", "MQTT-3.3.1-11"}, rules{"MQTT-3.3.1-6", "MQTT-3.3.1-7"}},
	keyRetainedFull:     {nil, nil},
	keyRetainedLeft:     {rules{"MQTT-3.3.1-12"}, rules{"MQTT-3.3.1-8"}},
	keyRetainedExpired:  {nil, rules{"§3.3.2.3.3"}},
	keyRetainedSent:     {rules{"MQTT-3.3.1-6", "MQTT-3.3.1-8"}, rules{"MQTT-3.3.1-9"}},
	keyRetainedWithheld: {nil, rules{"MQTT-3.3.1-10", "MQTT-3.3.1-11"}},

	keySubscribed:          {rules{"MQTT-3.8.4-1", "MQTT-3.8.4-5"}, rules{"MQTT-3.8.4-1", "MQTT-3.8.4-7"}},
	keyResubscribed:        {rules{"MQTT-3.8.4-3"}, rules{"MQTT-3.8.4-3", "MQTT-3.8.4-4"}},
	keyDeniedShared:        {nil, rules{"§3.2.2.3.13"}},
	keyDeniedIdentifier:    {nil, rules{"§3.2.2.3.12"}},
	keyDeniedWildcards:     {rules{"MQTT-3.8.3-2"}, rules{"§3.2.2.3.11"}},
	keyDeniedFull:          {rules{"MQTT-3.8.4-5"}, rules{"MQTT-3.8.4-7"}},
	keyDeniedAllFull:       {rules{"MQTT-3.8.4-5"}, rules{"MQTT-3.8.4-7"}},
	keyDeniedFilter:        {rules{"MQTT-3.8.4-5"}, rules{"MQTT-3.8.4-7"}},
	keyDeniedNotAllowed:    {rules{"MQTT-3.8.4-5"}, rules{"MQTT-3.8.4-7"}},
	keyUnsubscribed:        {rules{"MQTT-3.10.4-1", "MQTT-3.10.4-2"}, rules{"MQTT-3.10.4-1", "MQTT-3.10.4-2"}},
	keyUnsubscribedNothing: {rules{"MQTT-3.10.4-5"}, rules{"MQTT-3.10.4-5"}},
}

// Keys lists the key of every explanation, sorted.
func Keys() []string {
	keys := make([]string, 0, len(statements))
	for key := range statements {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// rulesOf returns the statements of a decision, to be read only.
func rulesOf(key string, v packet.Version) []string {
	if v == packet.V5 {
		return statements[key].v5
	}
	return statements[key].v311
}

// Rules lists the statements, or sections, on which the decision behind a key
// rests under a version. An Explanation may name others, those of the
// transition or of the fault at hand.
func Rules(key string, v packet.Version) []string { return slices.Clone(rulesOf(key, v)) }
