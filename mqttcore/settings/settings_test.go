package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/strictjson"
)

// full has every key, with a value that is not its default.
const full = `{
  "versions": ["3.1.1", "5.0"],
  "users": {"ada": "secret", "bob": ""},
  "anonymous": true,
  "reject_client_ids": ["bad"],
  "deny_client_ids": ["banned", ""],
  "max_client_id_length": 23,
  "unavailable": true,
  "allow_publish": ["a/#"],
  "deny_publish": ["a/secret"],
  "allow_subscribe": [],
  "deny_subscribe": ["+/x", "#"],
  "max_qos": 0,
  "retain_available": false,
  "wildcard_available": false,
  "shared_available": false,
  "subscription_ids_available": false,
  "receive_maximum": 10,
  "max_packet_size": 1000,
  "reason_strings": true,
  "response_information": true,
  "topic_alias_maximum": 0,
  "server_keep_alive": 30,
  "keep_alive_grace": 2,
  "connect_timeout": 3,
  "max_session_expiry": 3600,
  "max_inflight": 20,
  "max_queued": 100,
  "max_pending_bytes": 100000,
  "max_sessions": 7,
  "max_away": 3,
  "max_subscriptions": 9,
  "max_filter_bytes": 2000,
  "max_all_pending_bytes": 100001,
  "max_all_filter_bytes": 2001,
  "max_retained": 11,
  "max_retained_bytes": 5000
}`

func parse(t *testing.T, text string, o Options) broker.Config {
	t.Helper()
	cfg, err := Parse([]byte(text), o)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return cfg
}

func TestEveryFieldThereAndBack(t *testing.T) {
	cfg := parse(t, full, Options{})
	text := string(JSON(cfg, broker.Config{}, false))
	if want := strings.NewReplacer(`"secret"`, "null", `"bob": ""`, `"bob": null`).Replace(full); strings.Join(strings.Fields(text), "") != strings.Join(strings.Fields(want), "") {
		t.Errorf("written:\n%s", text)
	}
	for _, f := range Fields() {
		if !strings.Contains(full, `"`+f.Key+`"`) {
			t.Errorf("the test lacks %s", f.Key)
		}
	}
	again := parse(t, text, Options{Old: &cfg})
	if !same(cfg, again) || again.Users["ada"] != "secret" {
		t.Errorf("read again: %+v", again)
	}
	if strings.Contains(text, "secret\":") || strings.Contains(string(JSON(cfg, cfg, true)), `"ada": "`) {
		t.Error("a password is written")
	}
}

// Every member of a Config but those that are the caller's own has a field.
func TestNothingIsLeftOut(t *testing.T) {
	cfg := parse(t, full, Options{})
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if name == "Explain" || name == "Reason" || name == "MaxExplained" || name == "Durable" {
			continue
		}
		if v.Field(i).IsZero() {
			t.Errorf("%s has no field", name)
		}
	}
}

func TestDefaults(t *testing.T) {
	cfg := parse(t, `{}`, Options{})
	if !same(cfg, broker.Config{}) {
		t.Errorf("%+v", cfg)
	}
	if text := string(JSON(cfg, broker.Config{}, false)); text != "{}" {
		t.Error(text)
	}
	all := string(JSON(cfg, broker.Config{}, true))
	for _, want := range []string{`"users": null`, `"max_qos": 2`, `"retain_available": true`, `"topic_alias_maximum": 64`, `"keep_alive_grace": 1.5`, `"max_packet_size": 1048576`, `"versions": ["3.1","3.1.1","5.0"]`, `"allow_publish": null`} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
	if again := parse(t, all, Options{}); !same(again, cfg) {
		t.Errorf("what is written of the defaults is read as %+v", again)
	}
}

func TestMistakes(t *testing.T) {
	old := broker.Config{Users: map[string]string{"ada": "secret"}}
	bounded := broker.Config{MaxQueued: 50, MaxPacketSize: 100}
	for text, want := range map[string]string{
		`{"max_qos": 3}`:                                               "line 1, column 13: max_qos: 3 does not fit; a whole number from 0 to 2 is wanted",
		`{"max_qso": 1}`:                                               `max_qso: there is no such key here; is "max_qos" meant?`,
		`{"users": ["ada"]}`:                                           "users: a list stands here; an object is wanted",
		`{"users": {"ada": null, "eve": null}}`:                        "users.eve: this user is new and needs a password",
		`{"users": {"ada": 1}}`:                                        "users.ada: a number stands here; a string is wanted",
		`{"users": {"ada": "1", "ada": "2"}}`:                          "users.ada: this key stands here twice",
		`{"deny_publish": ["a", "a/#/b"]}`:                             "deny_publish[1]: this is no Topic Filter: # must be the last character",
		`{"deny_publish": ["a+"]}`:                                     "deny_publish[0]: this is no Topic Filter: + must fill its level",
		`{"allow_subscribe": [""]}`:                                    "allow_subscribe[0]: this is no Topic Filter: it is empty",
		`{"versions": ["4"]}`:                                          `versions[0]: "4" is not one of "3.1", "3.1.1" and "5.0"`,
		`{"keep_alive_grace": 0.5}`:                                    "keep_alive_grace: 0.5 does not fit",
		`{"unavailable": "yes"}`:                                       "unavailable: a string stands here",
		`{"max_queued": 51}`:                                           "max_queued: 51 does not fit; a whole number from 1 to 50 is wanted",
		`{"reject_client_ids": [1]}`:                                   "reject_client_ids[0]: a number stands here",
		`{"deny_client_ids": "x"}`:                                     "deny_client_ids: a string stands here; a list is wanted",
		`{"max_client_id_length": -1}`:                                 "max_client_id_length: -1 does not fit",
		`{"deny_client_ids": ["` + strings.Repeat("x", 70_000) + `"]}`: "deny_client_ids[0]: 70000 bytes are too long",
		`[]`: "a list stands here; an object is wanted",
	} {
		_, err := Parse([]byte(text), Options{Old: &old, Base: bounded})
		var mistake *strictjson.Error
		if !errors.As(err, &mistake) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s:\n got %v\nwant %s", text, err, want)
		}
	}
	cfg := parse(t, `{"max_packet_size": 200}`, Options{Base: bounded})
	if cfg.MaxQueued != 50 || cfg.MaxPacketSize != 200 {
		t.Errorf("%+v", cfg)
	}
}

func TestSame(t *testing.T) {
	a := parse(t, `{"users": {"ada": "1"}}`, Options{})
	b := parse(t, `{"users": {"ada": "2"}}`, Options{})
	if same(a, b) || !same(a, a) || same(a, broker.Config{}) {
		t.Error("passwords are not compared")
	}
}

// Whatever the text, what is read can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add(`{"users": null, "versions": []}`)
	f.Add(`{"max_qos": 1e0, "keep_alive_grace": 1.25}`)
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := Parse([]byte(text), Options{})
		if err != nil {
			return
		}
		again, err := Parse(JSON(cfg, broker.Config{}, false), Options{Old: &cfg})
		if err != nil || !same(cfg, again) {
			t.Errorf("%s\nread %+v\nagain %+v, %v", text, cfg, again, err)
		}
	})
}

func TestVersionsThatNobodySpeaks(t *testing.T) {
	cfg := parse(t, `{"versions": []}`, Options{})
	if cfg.Versions == nil || len(cfg.Versions) != 0 {
		t.Errorf("%#v", cfg.Versions)
	}
	if cfg := parse(t, `{"versions": null}`, Options{}); !reflect.DeepEqual(broker.New(cfg).Config().Versions, packet.Versions) {
		t.Errorf("%#v", cfg.Versions)
	}
}

// same says whether two configurations are the same in every field, passwords
// included.
func same(a, b broker.Config) bool {
	a, b = broker.New(a).Config(), broker.New(b).Config()
	for i := range fields {
		x, _ := json.Marshal(fields[i].value(&a))
		y, _ := json.Marshal(fields[i].value(&b))
		if !bytes.Equal(x, y) {
			return false
		}
	}
	for name, password := range a.Users {
		if b.Users[name] != password {
			return false
		}
	}
	return true
}
