package main

// command is a run of "go test" that measures something.
type command struct {
	Package, Bench string
	Time           string // -benchtime
}

// commands are the benchmarks of the report, in the order in which a round
// runs them.
var commands = []command{
	{"./mqttcore/packet", "DecodeRatio", "2s"},
	{"./mqttcore/capture", "AgainstTshark", "1s"},
	{"./mqttcore/capture", "Million", "3x"},
	{"./cmd/mqttlab", "AgainstTsharkJSON", "3x"},
	{"./cmd/mqttlab", "LargeCapture", "1x"},
	{"./server/bench", "Peers", "1x"},
	{"./server/bench", "Capture", "1x"},
	{"./server/benches", "IdleBench", "1x"},
	{"./server", "FirstLoad", "1x"},
	{"./server/e2e", "Ready", "10x"},
	{"./server/e2e", "Keystroke", "3x"},
	{"./server/e2e", "Watchers", "1x"},
	{"./server/e2e", "Scroll", "1x"},
	{"./server/e2e", "Flood", "1x"},
	{"./cmd/mqttlab", "Class", "1x"},
}

// figure is a metric of a benchmark, and what is asked of it.
type figure struct {
	Bench, Unit string
	Goal        *goal
}

type goal struct {
	What  string // "" where the row leaves no doubt
	Least bool   // at least; else at most
	Value float64
}

func fig(bench, unit string) figure { return figure{Bench: bench, Unit: unit} }

func (f figure) atLeast(v float64, what string) figure {
	f.Goal = &goal{what, true, v}
	return f
}

func (f figure) atMost(v float64, what string) figure {
	f.Goal = &goal{what, false, v}
	return f
}

// cell is text with a %s for each figure.
type cell struct {
	Text    string
	Figures []figure
}

// row is a line of a table; the goals of its figures stand in its last column.
type row struct {
	What  string
	Cells []cell
	Note  note
}

// note is added to a row's last cell if a benchmark reported any of a metric.
type note struct {
	Text, Unit string
	Benches    []string
}

type table struct {
	Columns []string // but for that of the goals
	Rows    []row
	After   string // how to measure it alone
}

// The goals are what the project set itself: to be faster than mosquitto by
// more than the fastest broker that was measured beside it, decoding and
// reading faster than the codecs and tools that people use, and pages that
// answer at once.
var tables = []table{
	{
		Columns: []string{"broker", "here", "× mosquitto", "× mochi-mqtt"},
		Rows: []row{
			peers("10 pairs, QoS 0 / 1 / 2, messages a second", "pairs", 14, 16, 20),
			peers("one at a time, QoS 0 / 1 / 2", "single", 1, 1, 1),
			peers("fan-in 50 → 1, QoS 0 / 1 / 2", "fan-in=50", 9, 9, 9),
			peers("fan-out 1 → 100, QoS 0 / 1 / 2, deliveries a second", "fan-out=100", 8, 8, 8),
			beside("fan-out 1 → 500, QoS 0", "%s", fig("Peers/fan-out=500/qos=0", "msg/s"), 8, true),
			{
				What: "latency at a fixed rate, p50 / p99",
				Cells: []cell{
					{"%s / %s µs", []figure{fig("Peers/latency/p50-µs", "p50-µs"), fig("Peers/latency/p99-µs", "p99-µs")}},
					{"%s / %s", []figure{fig("Peers/latency/p50-µs", "×mosquitto"), fig("Peers/latency/p99-µs", "×mosquitto").atMost(1, "p99")}},
					{"%s / %s", []figure{fig("Peers/latency/p50-µs", "×mochi"), fig("Peers/latency/p99-µs", "×mochi")}},
				},
			},
			beside("connections a second", "%s", fig("Peers/connect", "conn/s"), 1, true),
			beside("100,000 retained messages to a new subscriber, a second", "%s", fig("Peers/retained=100000", "msg/s"), 1, true),
			beside("memory of an idle connection", "%s bytes", fig("Peers/idle", "B/conn").atMost(10<<10, "here"), 0, false),
		},
		After: "A ratio above 1 is faster; for latency and memory: more.",
	},
	{
		Columns: []string{"bytes and captures", "here", "beside others"},
		Rows: []row{
			{
				What: "decode a packet of a mixed 3.1.1 and 5.0 stream",
				Cells: []cell{
					{"%s ns, with %s allocations for PUBLISH and acks; %s ns with every field's place recorded", []figure{
						fig("DecodeRatio", "ns/packet"), fig("DecodeRatio", "allocs/fast-packet").atMost(0, "allocations"), fig("DecodeRatio", "traced-ns/packet")}},
					{"%s × mochi's codec, %s × with the places; %s × paho.golang's (5.0)", []figure{
						fig("DecodeRatio", "×mochi").atLeast(2.5, "× mochi"), fig("DecodeRatio", "×mochi-traced").atLeast(1, "with places"), fig("DecodeRatio", "×paho")}},
				},
			},
			{
				What: "a capture file to packets with every field's place",
				Cells: []cell{
					{"%s ns a packet", []figure{fig("AgainstTshark", "ns/packet")}},
					{"%s × `tshark -V`", []figure{fig("AgainstTshark", "×tshark").atLeast(100, "")}},
				},
			},
			{
				What: "a capture file to annotated JSON, `decode -json`",
				Cells: []cell{
					{"%s ns a packet", []figure{fig("AgainstTsharkJSON", "ns/packet")}},
					{"%s × `tshark -T json -x` on the clock, %s × by processor time", []figure{
						fig("AgainstTsharkJSON", "×tshark").atLeast(100, "on the clock"), fig("AgainstTsharkJSON", "×tshark-cpu")}},
				},
			},
			{
				What: "a million packets of a capture, read and decoded; `decode` of 80 to 300 MB",
				Cells: []cell{
					{"%s s", []figure{fig("Million", "s/million").atMost(2, "seconds")}},
					{"at most %s MiB of memory", []figure{fig("LargeCapture", "MiB").atMost(64, "MiB")}},
				},
			},
		},
	},
	{
		Columns: []string{"pages and classes", "measured"},
		Rows: []row{
			one("from the program's start to its first answer", "%s ms", fig("Ready", "ms").atMost(100, "")),
			one("the bench page with all that it loads, on the wire", "%s kB", fig("FirstLoad", "kB").atMost(100, "")),
			one("a bench that nobody uses", "%s KiB", fig("IdleBench", "KiB/bench").atMost(256, "")),
			one("a key to the painted annotation in Chromium, p50 / p99, alone", "%s / %s ms",
				fig("Keystroke/alone", "p50-ms"), fig("Keystroke/alone", "p99-ms").atMost(50, "p99")),
			one("the same while 300 others type, all on this machine", "%s / %s ms, %s requests a second",
				fig("Keystroke/among300", "p50-ms"), fig("Keystroke/among300", "p99-ms").atMost(50, "p99"), fig("Keystroke/among300", "others/s")),
			one("a packet on the wire to the last of 300 watching pages, at 100 packets a second, p50 / p99", "%s / %s ms, in %s of a core",
				fig("Watchers", "p50-ms-to-last-page"), fig("Watchers", "p99-ms-to-last-page").atMost(100, "p99"), fig("Watchers", "cores").atMost(1, "cores")),
			one("a frame in Chromium while 100,000 packets are scrolled by wheel / by the bar / by keys, p95", "%s / %s / %s ms, in %s MiB",
				fig("Scroll/wheel", "p95-frame-ms").atMost(17.5, ""), fig("Scroll/drag", "p95-frame-ms").atMost(17.5, ""), fig("Scroll/keys", "p95-frame-ms").atMost(17.5, "p95"),
				fig("Scroll/heap", "MiB-after").atMost(64, "MiB")),
			one("a key to the painted annotation while a client floods the bench, p50 / p99, all on this machine", "%s / %s ms, at %s messages a second",
				fig("Flood", "p50-ms"), fig("Flood", "p99-ms").atMost(100, "p99"), fig("Flood", "msg/s")),
			one("300 students in a class, each with a live bench, and the teacher's board: slowest p99 of any request", "%s ms, in %s MiB",
				fig("Class", "worst-p99-ms").atMost(250, "p99"), fig("Class", "MiB").atMost(1024, "MiB")),
			one("what capture and explanations cost, processor time, pairs at QoS 0 / 1 / 2", "%s / %s / %s %%",
				fig("Capture/pairs/qos=0", "%cpu").atMost(10, ""), fig("Capture/pairs/qos=1", "%cpu").atMost(10, ""), fig("Capture/pairs/qos=2", "%cpu").atMost(10, "")),
		},
	},
}

// peers is a row of BenchmarkPeers at each QoS; the goals are the least ratios
// to mosquitto.
func peers(what, shape string, goals ...float64) row {
	r := row{What: what, Cells: make([]cell, 3), Note: note{Text: "mochi loses messages", Unit: "lost-mochi"}}
	for i, unit := range []string{"msg/s", "×mosquitto", "×mochi"} {
		r.Cells[i].Text = "%s / %s / %s"
		for qos, goal := range goals {
			f := fig("Peers/"+shape+"/qos="+string(rune('0'+qos)), unit)
			if unit == "×mosquitto" {
				f = f.atLeast(goal, "")
			}
			r.Cells[i].Figures = append(r.Cells[i].Figures, f)
		}
	}
	for _, f := range r.Cells[0].Figures {
		r.Note.Benches = append(r.Note.Benches, f.Bench)
	}
	return r
}

// beside is a row of one figure of BenchmarkPeers.
func beside(what, text string, f figure, least float64, faster bool) row {
	mosquitto := fig(f.Bench, "×mosquitto")
	if faster {
		mosquitto = mosquitto.atLeast(least, "")
	}
	return row{What: what,
		Cells: []cell{{text, []figure{f}}, {"%s", []figure{mosquitto}}, {"%s", []figure{fig(f.Bench, "×mochi")}}},
		Note:  note{"mochi loses messages", "lost-mochi", []string{f.Bench}}}
}

// one is a row of one cell.
func one(what, text string, figures ...figure) row {
	return row{What: what, Cells: []cell{{text, figures}}}
}
