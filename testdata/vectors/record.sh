#!/usr/bin/env bash
# Records the captures of this folder anew; README.md says what they are for.
#   testdata/vectors/record.sh [NAME…]     (as root: it captures on loopback)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=31883 # the test tells tshark the same number
tmp=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; rm -rf "$tmp"' EXIT

printf 'ada:lovelace\n' >"$tmp/passwords"
mosquitto_passwd -U "$tmp/passwords"
printf 'topic readwrite #\ntopic deny secret/#\n' >"$tmp/acl"
printf 'user ada\ntopic readwrite #\n' >>"$tmp/acl"
cat >"$tmp/mosquitto.conf" <<CONF
listener $port 127.0.0.1
allow_anonymous true
password_file $tmp/passwords
acl_file $tmp/acl
user root
CONF
mosquitto -c "$tmp/mosquitto.conf" >"$tmp/mosquitto.log" 2>&1 &
started+=($!)
for _ in $(seq 50); do
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
	sleep 0.1
done
kill -0 "${started[0]}" 2>/dev/null || { cat "$tmp/mosquitto.log" >&2; exit 1; } # as when the port is taken

# record NAME COMMAND…: what COMMAND says to the broker. The detour by way of
# pcap (-P, editcap) leaves out what dumpcap notes down about the machine.
record() {
	local name=$1
	shift
	dumpcap -q -P -i lo -f "tcp port $port" -w "$tmp/$name.pcap" 2>"$tmp/dumpcap.log" &
	local dump=$!
	started+=("$dump")
	for _ in $(seq 50); do
		grep -q '^File:' "$tmp/dumpcap.log" && break
		sleep 0.1
	done
	"$@"
	sleep 0.5
	kill -INT "$dump"
	wait "$dump" || true
	editcap -F pcapng "$tmp/$name.pcap" "$here/$name.pcapng"
	capinfos -cs "$here/$name.pcapng" | tail -2
}

# mosquitto's own clients under one version: each QoS, retained, a Will that is
# published, credentials right and wrong, an Unsubscribe, a ping.
old_clients() {
	local v=$1
	local at=(-h 127.0.0.1 -p "$port" -V "$v")
	mosquitto_sub "${at[@]}" -i "sub-$v" -t 'lab/#' -t 'lab/+/b' -U 'lab/none' -q 2 -k 5 -C 7 >"$tmp/out" &
	local sub=$!
	sleep 0.3
	mosquitto_pub "${at[@]}" -t lab/qos0 -m 'qos 0'
	mosquitto_pub "${at[@]}" -t lab/qos1 -m 'qos 1' -q 1
	mosquitto_pub "${at[@]}" -t lab/qos2 -m 'qos 2' -q 2
	mosquitto_pub "${at[@]}" -t 'lab/温度' -m '21 °C' -q 1 -r
	mosquitto_pub "${at[@]}" -u ada -P lovelace -t lab/user -n --will-topic lab/will --will-payload gone --will-qos 2 --will-retain
	mosquitto_pub "${at[@]}" -u ada -P wrong -t lab/user -m x 2>>"$tmp/out" || true
	mosquitto_sub "${at[@]}" -i "will-$v" -t other -k 5 --will-topic lab/will --will-payload gone --will-qos 1 >>"$tmp/out" &
	local will=$!
	sleep 6 # longer than the Keep Alive: a PINGREQ
	kill -KILL "$will"
	mosquitto_pub "${at[@]}" -t lab/last -l <<<$'line one\nline two'
	wait "$sub" || true
	wait "$will" 2>/dev/null || true
	mosquitto_pub "${at[@]}" -t 'lab/温度' -n -r
}

# the properties that mosquitto's clients can send
new_clients() {
	old_clients mqttv5
	local at=(-h 127.0.0.1 -p "$port" -V mqttv5)
	mosquitto_sub "${at[@]}" -i sub-props -t 'lab/#' -t '$share/g/lab/shared' -q 2 -C 3 -x 60 \
		--retain-as-published \
		-D connect receive-maximum 7 -D connect maximum-packet-size 5000 -D connect topic-alias-maximum 3 \
		-D connect request-response-information 1 -D connect request-problem-information 1 -D connect user-property who me \
		-D subscribe subscription-identifier 300 -D subscribe user-property a b >>"$tmp/out" &
	local sub=$!
	sleep 0.3
	mosquitto_pub "${at[@]}" -t lab/props -m '{"t":21}' -q 2 -D publish payload-format-indicator 1 -D publish message-expiry-interval 3600 \
		-D publish content-type application/json -D publish response-topic lab/answer -D publish correlation-data c0ffee \
		-D publish user-property 'Schlüssel' 'Wert' -D publish user-property k '' -D publish topic-alias 1
	mosquitto_pub "${at[@]}" -t lab/will-props -m x -q 1 --will-topic lab/will --will-payload gone --will-qos 1 \
		-D will will-delay-interval 2 -D will payload-format-indicator 1 -D will message-expiry-interval 30 -D will content-type text/plain \
		-D will response-topic lab/answer -D will correlation-data id -D will user-property w x \
		-D connect session-expiry-interval 10 -D disconnect session-expiry-interval 0 -D disconnect user-property bye now
	mosquitto_pub "${at[@]}" -t secret/x -m denied -q 1 2>>"$tmp/out" || true
	mosquitto_pub "${at[@]}" -t secret/x -m denied -q 2 2>>"$tmp/out" || true
	mosquitto_pub "${at[@]}" -t lab/shared -m shared -q 1
	wait "$sub" || true
}

js() { node "$here/mqttjs.mjs" "$port" "$1"; }

want() { [ ${#names[@]} = 0 ] || [[ " ${names[*]} " == *" $1 "* ]]; }
names=("$@")
if want mosquitto-3.1; then record mosquitto-3.1 old_clients mqttv31; fi
if want mosquitto-3.1.1; then record mosquitto-3.1.1 old_clients mqttv311; fi
if want mosquitto-5.0; then record mosquitto-5.0 new_clients; fi
if want mqttjs-3.1; then record mqttjs-3.1 js 3; fi
if want mqttjs-3.1.1; then record mqttjs-3.1.1 js 4; fi
if want mqttjs-5.0; then record mqttjs-5.0 js 5; fi
