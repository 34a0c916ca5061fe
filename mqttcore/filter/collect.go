package filter

import (
	"net/netip"
	"slices"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

// has says whether the packet has the field.
func (r *run) has(f *FieldInfo) bool {
	switch f.source {
	case fromTree, fromProperty:
		return find(r.view.Packet.Fields, f)
	case fromProperties:
		return find(r.view.Packet.Fields, &FieldInfo{Name: packet.FieldPropertyID.Name()})
	case fromPacket:
		return true
	case fromFrame:
		return r.view.Number > 0
	case fromPorts:
		return r.view.Client.IsValid() || r.view.Server.IsValid()
	case fromFindings, fromSeverities:
		return len(r.view.Packet.Findings) > 0
	}
	base := len(r.values)
	r.collect(f)
	found := len(r.values) > base
	r.pop(base)
	return found
}

func find(list []annotate.Field, f *FieldInfo) bool {
	for i := range list {
		if f.is(&list[i]) || f.goesInto(&list[i]) && find(list[i].Fields, f) {
			return true
		}
	}
	return false
}

// is says whether e is the field.
func (f *FieldInfo) is(e *annotate.Field) bool {
	return e.Name == f.Name || f.also != "" && e.Name == f.also
}

// goesInto says whether the field may be found below e.
func (f *FieldInfo) goesInto(e *annotate.Field) bool {
	return len(e.Fields) > 0 && !(f.general && slices.Contains(ownProperties, e.Name))
}

func (f *field) eval(r *run) { r.collect(f.FieldInfo) }

// collect pushes the field's values.
func (r *run) collect(f *FieldInfo) {
	v := &r.view
	switch f.source {
	case fromTree, fromProperty:
		r.walk(v.Packet.Fields, f)
	case fromProperties:
		r.properties(v.Packet.Fields)
	case fromPacket:
		r.pushOctets(r.bytes())
	case fromFrameNumber:
		if v.Number > 0 {
			r.pushNumber(float64(v.Number))
		}
	case fromFrameTime:
		if v.Number > 0 {
			r.pushNumber(v.Time)
		}
	case fromFrameLength:
		if v.Length > 0 {
			r.pushNumber(float64(v.Length))
		}
	case fromStream:
		if v.Client.IsValid() && v.Stream >= 0 {
			r.pushNumber(float64(v.Stream))
		}
	case fromPorts:
		r.ports(v.Client, v.Server)
	case fromSourcePort:
		from, _ := r.ends()
		r.ports(from)
	case fromTargetPort:
		_, to := r.ends()
		r.ports(to)
	case fromAddresses:
		r.addresses(f, v.Client, v.Server)
	case fromSourceAddress:
		from, _ := r.ends()
		r.addresses(f, from)
	case fromTargetAddress:
		_, to := r.ends()
		r.addresses(f, to)
	case fromFindings:
		for i := range v.Packet.Findings {
			if rule := v.Packet.Findings[i].Rule; rule != "" {
				r.pushString(rule)
			}
			r.pushString(v.Packet.Findings[i].Code)
		}
	case fromSeverities:
		for i := range v.Packet.Findings {
			switch v.Packet.Findings[i].Severity {
			case annotate.Error:
				r.pushNumber(3)
			case annotate.Warning:
				r.pushNumber(2)
			case annotate.Note:
				r.pushNumber(1)
			}
		}
	case fromDirection:
		switch r.sender() {
		case packet.Client:
			r.pushNumber(1)
		case packet.Server:
			r.pushNumber(2)
		}
	case fromClient:
		if v.Name != "" {
			r.pushString(v.Name)
		}
	}
}

// sender returns who sent the packet, as the wire or its type tells.
func (r *run) sender() packet.Party {
	switch {
	case r.view.Sender != 0:
		return r.view.Sender
	case r.view.Packet.Direction == packet.Client.String():
		return packet.Client
	case r.view.Packet.Direction == packet.Server.String():
		return packet.Server
	}
	return 0
}

// ends returns where the packet came from and where it went.
func (r *run) ends() (from, to netip.AddrPort) {
	switch r.sender() {
	case packet.Client:
		return r.view.Client, r.view.Server
	case packet.Server:
		return r.view.Server, r.view.Client
	}
	return from, to
}

func (r *run) ports(ends ...netip.AddrPort) {
	for _, e := range ends {
		if e.IsValid() {
			r.pushNumber(float64(e.Port()))
		}
	}
}

// addresses pushes those of the family that the field is for.
func (r *run) addresses(f *FieldInfo, ends ...netip.AddrPort) {
	six := len(f.Name) >= 4 && f.Name[:4] == "ipv6"
	for _, e := range ends {
		if a := e.Addr().Unmap(); a.IsValid() && a.Is6() == six {
			r.pushAddr(a)
		}
	}
}

// walk pushes the values of all fields of the tree that have f's name.
func (r *run) walk(list []annotate.Field, f *FieldInfo) {
	for i := range list {
		e := &list[i]
		if f.is(e) {
			if f.source == fromProperty {
				r.property(e, f)
			} else {
				r.leaf(e, f.Type)
			}
		}
		if f.goesInto(e) {
			r.walk(e.Fields, f)
		}
	}
}

func (r *run) leaf(e *annotate.Field, t Type) {
	switch {
	case t.octets():
		r.pushOctets(r.octets(e))
	case t.numeric():
		switch n := e.Value.(type) {
		case int:
			r.pushNumber(float64(n))
		case float64: // of a packet that came as JSON
			r.pushNumber(n)
		}
	case t == None:
		r.push(value{}) // to be counted
	}
}

// properties pushes an empty value for each property, to be counted.
func (r *run) properties(list []annotate.Field) {
	for i := range list {
		if list[i].Name == packet.FieldPropertyID.Name() {
			r.push(value{})
		}
		r.properties(list[i].Fields)
	}
}

// property pushes the value of a property, which stands below its field
// behind identifier and length.
func (r *run) property(e *annotate.Field, f *FieldInfo) {
	if !f.Type.octets() {
		r.leaf(e, f.Type)
		return
	}
	if f.id.Kind() == packet.PairProperty {
		if s, ok := e.Value.(string); ok {
			r.pushString(s)
		}
		return
	}
	for i := range e.Fields {
		switch e.Fields[i].Name {
		case packet.FieldPropertyText.Name(), packet.FieldPropertyData.Name():
			r.pushOctets(r.octets(&e.Fields[i]))
		}
	}
}
