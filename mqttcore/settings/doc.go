// Package settings is the JSON form of a broker's configuration: what "broker"
// holds in POST /api/benches, in a scenario and in the file of -broker. It is
// the one place where JSON and [broker.Config] meet.
//
//	{"users": {"ada": "secret"}, "deny_subscribe": ["secret/#"], "max_qos": 1}
//
// Every key may be left out and then has its default. [Fields] lists them all,
// for a form and for documentation.
//
// A password is never written. [JSON] writes null in its place, and null is
// read as: the password that the user has already.
package settings
