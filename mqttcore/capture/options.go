package capture

// Options bounds what a Reader holds and says what it is to take for MQTT. A
// zero field stands for its default.
type Options struct {
	// Format of the input; zero means: detect it by its first bytes.
	Format Format
	// Ports are the servers' TCP ports on which all is taken for MQTT, right or
	// wrong; on other ports the content must read as MQTT. Default: 1883.
	Ports []uint16
	// MaxConns is the number of TCP connections remembered, of MQTT or not;
	// the one idle for longest makes room. default: 8192.
	MaxConns int
	// MaxPacket is the longest Control Packet held, in bytes; of a longer one
	// this much is given as a Part. Default: 1 MiB.
	MaxPacket int
	// MaxPending is how much of one direction is held behind a gap before the
	// gap counts as lost, in bytes. Default: 256 KiB.
	MaxPending int
	// MaxHeld is the sum of all bytes held for all connections; IP fragments
	// that wait for others may take 4 MiB more. Default:
	// 8 MiB; never less than what one connection may hold.
	MaxHeld int
	// MaxNotes is the number of notes on one connection. Default: 200.
	MaxNotes int
	// MaxUnzipped is how many bytes a gzip file may unpack to. Default: 4 GiB.
	MaxUnzipped int64
	// MaxRatio is how many times its own size a gzip file may unpack to, looked
	// at from 16 MiB onward. Default: 200.
	MaxRatio int64
}

// maxUndecided is how many bytes of one direction are looked at to find out
// whether they are MQTT, or where the next packet begins.
const maxUndecided = 64 << 10

// maxUnknown is maxUndecided for a connection whose ports say nothing.
const maxUnknown = 32 << 10

func (o Options) withDefaults() Options {
	if o.Ports == nil {
		o.Ports = []uint16{1883}
	}
	o.MaxConns = or(o.MaxConns, 8192)
	o.MaxPacket = max(or(o.MaxPacket, 1<<20), 16)
	o.MaxPending = or(o.MaxPending, 256<<10)
	o.MaxHeld = max(or(o.MaxHeld, 8<<20), 4*(o.MaxPacket+o.MaxPending+maxUndecided))
	o.MaxNotes = or(o.MaxNotes, 200)
	o.MaxUnzipped = or(o.MaxUnzipped, 4<<30)
	o.MaxRatio = or(o.MaxRatio, 200)
	return o
}

func or[T int | int64](x, otherwise T) T {
	if x <= 0 {
		return otherwise
	}
	return x
}

// Stats counts what a Reader has met so far.
type Stats struct {
	Frames        int   // in the file
	Bytes         int64 // read of the file, unpacked
	Segments      int   // TCP segments
	Streams       int   // TCP connections
	Connections   int   // of them, with MQTT
	Packets       int   // MQTT Control Packets, whole ones
	OtherFrames   int   // frames that hold no TCP segment
	Fragments     int   // IP fragments
	FragmentsLost int   // IP datagrams with TCP of which not all fragments came
	Resent        int   // TCP segments sent again, of any connection
	OutOfOrder    int   // TCP segments before their turn, of any connection
	LostBytes     int64 // missing in the streams with MQTT
	Skipped       int64 // bytes of MQTT streams that could not be read as packets
	Held          int   // bytes in buffers now
	MostHeld      int   // bytes in buffers at most
}
