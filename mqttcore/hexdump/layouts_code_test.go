package hexdump_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// rows writes bytes in rows of width, each by write, which gets the offset of the row.
func rows(b []byte, width int, write func(at int, row []byte) string) string {
	var s strings.Builder
	for at := 0; at < len(b); at += width {
		s.WriteString(write(at, b[at:min(at+width, len(b))]))
	}
	return s.String()
}

// dots is the ASCII column of a row.
func dots(row []byte) string {
	s := make([]byte, len(row))
	for i, v := range row {
		if s[i] = v; v < ' ' || v > '~' {
			s[i] = '.'
		}
	}
	return string(s)
}

// words writes bytes as little-endian words of size bytes, the last filled with zeros.
func words(b []byte, size int, prefix, separator string) string {
	var parts []string
	for at := 0; at < len(b); at += size {
		w := make([]byte, size)
		copy(w, b[at:])
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			w[i], w[j] = w[j], w[i]
		}
		parts = append(parts, prefix+hex.EncodeToString(w))
	}
	return strings.Join(parts, separator)
}

// rustString writes a byte string as Rust's {:?} of bytes does.
func rustString(b []byte) string {
	var s strings.Builder
	for _, v := range b {
		switch {
		case v == 0:
			s.WriteString(`\0`)
		case v == '\n':
			s.WriteString(`\n`)
		case v == '\r':
			s.WriteString(`\r`)
		case v == '\t':
			s.WriteString(`\t`)
		case v == '"' || v == '\\':
			s.WriteString(`\` + string(v))
		case v < ' ' || v > '~':
			fmt.Fprintf(&s, `\x%02x`, v)
		default:
			s.WriteByte(v)
		}
	}
	return `b"` + s.String() + `"`
}

// pythonString writes a bytes object as Python and MicroPython do.
func pythonString(b []byte) string {
	quote := byte('\'')
	if strings.Contains(string(b), "'") && !strings.Contains(string(b), `"`) {
		quote = '"'
	}
	var s strings.Builder
	for _, v := range b {
		switch {
		case v == '\n':
			s.WriteString(`\n`)
		case v == '\r':
			s.WriteString(`\r`)
		case v == '\t':
			s.WriteString(`\t`)
		case v == quote || v == '\\':
			s.WriteString(`\` + string(v))
		case v < ' ' || v > '~':
			fmt.Fprintf(&s, `\x%02x`, v)
		default:
			s.WriteByte(v)
		}
	}
	return fmt.Sprintf("b%c%s%c", quote, s.String(), quote)
}

// windbgRow is a row of WinDbg's db: a hyphen joins the halves, what a short row lacks is blank.
func windbgRow(address string, row []byte) string {
	h := each(row, "%02x", " ")
	if len(row) > 8 {
		h = each(row[:8], "%02x", " ") + "-" + each(row[8:], "%02x", " ")
	}
	return fmt.Sprintf("%s  %-48s %s\n", address, h, dots(row))
}

// gdbChar is a byte as gdb's x/cb prints it: the number, signed, and the character.
func gdbChar(v byte) string {
	switch {
	case v == '\'' || v == '\\':
		return fmt.Sprintf(`%d '\%c'`, int8(v), v)
	case v == 7:
		return `7 '\a'`
	case v == 8:
		return `8 '\b'`
	case v == 9:
		return `9 '\t'`
	case v == 10:
		return `10 '\n'`
	case v == 11:
		return `11 '\v'`
	case v == 12:
		return `12 '\f'`
	case v == 13:
		return `13 '\r'`
	case v == 27:
		return `27 '\033'`
	case v < ' ' || v > '~':
		return fmt.Sprintf(`%d '\%03o'`, int8(v), v)
	}
	return fmt.Sprintf("%d '%c'", v, v)
}

// gdbRepeats writes an array as gdb's p does, runs of more than nine as one.
func gdbRepeats(b []byte, write func(byte) string) string {
	var parts []string
	for i := 0; i < len(b); {
		n := 1
		for i+n < len(b) && b[i+n] == b[i] {
			n++
		}
		if n > 9 {
			parts = append(parts, fmt.Sprintf("%s <repeats %d times>", write(b[i]), n))
		} else {
			for range n {
				parts = append(parts, write(b[i]))
			}
		}
		i += n
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// debuggers are layouts of debuggers, development environments and monitors.
var debuggers = map[string]func(b []byte) string{
	"WinDbg db": func(b []byte) string {
		return "0:000> db buf L" + fmt.Sprintf("%x\n", len(b)) + rows(b, 16, func(at int, row []byte) string {
			return windbgRow(fmt.Sprintf("00000057`7d2f%04x", 0xf8d0+at), row)
		})
	},
	"WinDbg db, 32 bits": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string { return windbgRow(fmt.Sprintf("0012%04x", 0xff00+at), row) })
	},
	"Visual Studio memory": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x%016X  %-47s  %s\n", 0x57_7d2ff8d0+at, each(row, "%02x", " "), dots(row))
		})
	},
	"LLDB": func(b []byte) string {
		return "(lldb) memory read --size 1 buf\n" + rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x%x: %-47s  %s\n", 0x16fdff340+at, each(row, "%02x", " "), dots(row))
		})
	},
	"LLDB variable": func(b []byte) string {
		return fmt.Sprintf("(lldb) p buf\n(uint8_t [%d]) $0 = {\n", len(b)) + indexed(b, "  [%d] = 0x%02x", "\n") + "\n}"
	},
	"gdb print /x": func(b []byte) string {
		return "(gdb) p/x buf\n$1 = " + gdbRepeats(b, func(v byte) string { return fmt.Sprintf("0x%x", v) })
	},
	"gdb print": func(b []byte) string {
		return "$1 = " + gdbRepeats(b, func(v byte) string { return fmt.Sprint(v) })
	},
	"gdb x/c": func(b []byte) string {
		return rows(b, 8, func(at int, row []byte) string {
			s := fmt.Sprintf("0x7fffffffe%03x:", 0x400+at)
			for _, v := range row {
				s += "\t" + gdbChar(v)
			}
			return s + "\n"
		})
	},
	"gdb x/u": func(b []byte) string {
		return rows(b, 8, func(at int, row []byte) string {
			return fmt.Sprintf("0x7fffffffe%03x:\t%s\n", 0x400+at, each(row, "%d", "\t"))
		})
	},
	"gdb x/o": func(b []byte) string {
		return rows(b, 8, func(at int, row []byte) string {
			s := fmt.Sprintf("0x7fffffffe%03x:", 0x400+at)
			for _, v := range row {
				if v == 0 {
					s += "\t0"
				} else {
					s += fmt.Sprintf("\t0%o", v)
				}
			}
			return s + "\n"
		})
	},
	"gdb x/t": func(b []byte) string {
		return rows(b, 8, func(at int, row []byte) string {
			return fmt.Sprintf("0x7fffffffe%03x:\t%s\n", 0x400+at, each(row, "%08b", "\t"))
		})
	},
	"STM32CubeIDE variable": func(b []byte) string {
		s := fmt.Sprintf("tx\tuint8_t [%d]\t0x20000100 <tx>\t\n", len(b))
		for i, v := range b {
			s += fmt.Sprintf("\ttx[%d]\tuint8_t\t0x%x\t\n", i, v)
		}
		return s
	},
	"STM32CubeIDE memory": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			var groups []string
			for i := 0; i < len(row); i += 4 {
				groups = append(groups, strings.ToUpper(hex.EncodeToString(row[i:min(i+4, len(row))])))
			}
			return fmt.Sprintf("0x000000002000%04X  %-35s  %s\n", 0x100+at, strings.Join(groups, " "), dots(row))
		})
	},
	"Keil memory": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("0x2000%04X: %s\n", 0x100+at, each(row, "%02X", " "))
		})
	},
	"J-Link mem": func(b []byte) string {
		return fmt.Sprintf("J-Link>mem 0x20000100, %x\n", len(b)) + rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("2000%04X = %-48s %s\n", 0x100+at, each(row, "%02X", " "), dots(row))
		})
	},
	"OpenOCD mdb": func(b []byte) string {
		return fmt.Sprintf("> mdb 0x20000100 %d\n", len(b)) + rows(b, 32, func(at int, row []byte) string {
			return fmt.Sprintf("0x2000%04x: %s \n", 0x100+at, each(row, "%02x", " "))
		})
	},
	"U-Boot md.b": func(b []byte) string {
		return fmt.Sprintf("=> md.b 82000000 %x\n", len(b)) + rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("8200%04x: %-48s   %s\n", at, each(row, "%02x", " "), dots(row))
		})
	},
	"PowerShell 5 Format-Hex": func(b []byte) string {
		return "\r\n\r\n           Path: C:\\temp\\connect.bin\r\n\r\n           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\r\n\r\n" +
			rows(b, 16, func(at int, row []byte) string {
				return fmt.Sprintf("%08X   %-47s  %s\r\n", at, each(row, "%02X", " "), dots(row))
			})
	},
	"PowerShell 7 Format-Hex": func(b []byte) string {
		return "\n   Label: Byte[] (System.Byte[]) <1E2D5A7F>\n\n          Offset Bytes                                           Ascii\n" +
			"                 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n          ------ ----------------------------------------------- -----\n" +
			rows(b, 16, func(at int, row []byte) string {
				return fmt.Sprintf("%016X %-47s %s\n", at, each(row, "%02X", " "), strings.ReplaceAll(dots(row), ".", "�"))
			})
	},
	"Charles": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("%08x  %-23s  %-23s   %s\n", at, each(row[:min(8, len(row))], "%02x", " "), each(row[min(8, len(row)):], "%02x", " "), dots(row))
		})
	},
	"Zephyr": func(b []byte) string {
		return "[00:00:01.234,000] <dbg> net_mqtt: client_write: tx\n" + rows(b, 16, func(at int, row []byte) string {
			h := each(row[:min(8, len(row))], "%02x", " ")
			a := dots(row[:min(8, len(row))])
			if len(row) > 8 {
				h += "  " + each(row[8:], "%02x", " ")
				a += " " + dots(row[8:])
			}
			return strings.Repeat(" ", 31) + fmt.Sprintf("%-48s |%-17s\n", h, a)
		})
	},
	"Zephyr shell": func(b []byte) string {
		return "uart:~$ devmem dump -a 0x20000100 -s 64\n" + rows(b, 16, func(at int, row []byte) string {
			h := each(row[:min(8, len(row))], "%02x", " ")
			a := dots(row[:min(8, len(row))])
			if len(row) > 8 {
				h += "  " + each(row[8:], "%02x", " ")
				a += " " + dots(row[8:])
			}
			return fmt.Sprintf("%08X: %-48s |%-17s|\n", at, h, a)
		})
	},
	"ESP-IDF hex": func(b []byte) string {
		return rows(b, 16, func(_ int, row []byte) string { return "I (4321) mqtt_tx: " + each(row, "%02x", " ") + " \n" })
	},
	"ESP-IDF hex, time of day": func(b []byte) string {
		return rows(b, 16, func(_ int, row []byte) string { return "I (00:00:04.321) mqtt_tx: " + each(row, "%02x", " ") + "\n" })
	},
	"ESP-IDF hex dump": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			h := each(row[:min(8, len(row))], "%02x", " ")
			if len(row) > 8 {
				h += "  " + each(row[8:], "%02x", " ")
			}
			return fmt.Sprintf("\x1b[0;32mI (306) mqtt: 0x3ffb%04x   %-48s |%-16s|\x1b[0m\n", 0x1234+at, h, dots(row))
		})
	},
	"Linux print_hex_dump": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("[  123.456789] mqtt: %08x: %-47s  %s\n", at, each(row, "%02x", " "), dots(row))
		})
	},
	"ngrep -x": func(b []byte) string {
		return "T 192.168.1.20:40000 -> 192.168.1.1:1883 [AP] #4\n" + rows(b, 16, func(_ int, row []byte) string {
			return fmt.Sprintf("  %-24s   %-24s    %s\n", each(row[:min(8, len(row))], "%02x", " "), each(row[min(8, len(row)):], "%02x", " "), dots(row))
		})
	},
	"ncat --hex-dump": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			a := dots(row)
			if len(row) > 8 {
				a = a[:8] + " " + a[8:]
			}
			return fmt.Sprintf("[%04x]   %-23s   %-23s   %s\n", at, each(row[:min(8, len(row))], "%02X", " "), each(row[min(8, len(row)):], "%02X", " "), a)
		})
	},
	"mitmproxy": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("%010x %-47s  %s\n", at, each(row, "%02x", " "), dots(row))
		})
	},
	"scapy": func(b []byte) string {
		return ">>> hexdump(p)\n" + rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("%04X  %-47s  %s\n", at, each(row, "%02X", " "), dots(row))
		})
	},
	"HxD": func(b []byte) string {
		return "Offset(h) 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\r\n\r\n" + rows(b, 16, func(at int, row []byte) string {
			return fmt.Sprintf("%08X  %-47s  %s\r\n", at, each(row, "%02X", " "), dots(row))
		})
	},
	"nushell": func(b []byte) string {
		return fmt.Sprintf("Length: %d (0x%x) bytes | printable whitespace ascii_other non_ascii\n", len(b), len(b)) + rows(b, 16, func(at int, row []byte) string {
			var groups []string
			for i := 0; i < len(row); i += 4 {
				groups = append(groups, each(row[i:min(i+4, len(row))], "%02x", " "))
			}
			return fmt.Sprintf("%08x:   %-50s   %s\n", at, strings.Join(groups, "  "), strings.ReplaceAll(dots(row), ".", "•"))
		})
	},
	"QEMU xp": func(b []byte) string {
		return "(qemu) xp /16xb 0x100000\n" + rows(b, 8, func(at int, row []byte) string {
			return fmt.Sprintf("%016x: %s\n", 0x100000+at, each(row, "0x%02x", " "))
		})
	},
	"IDA": func(b []byte) string {
		return rows(b, 16, func(at int, row []byte) string {
			h := each(row[:min(8, len(row))], "%02X", " ")
			if len(row) > 8 {
				h += "  " + each(row[8:], "%02X", " ")
			}
			return fmt.Sprintf(".data:0040%04X  %-48s  %s\n", 0x1000+at, h, dots(row))
		})
	},
	"radare2 px": func(b []byte) string {
		return "- offset -   0 1  2 3  4 5  6 7  8 9  A B  C D  E F  0123456789ABCDEF\n" + rows(b, 16, func(at int, row []byte) string {
			var groups []string
			for i := 0; i < len(row); i += 2 {
				groups = append(groups, hex.EncodeToString(row[i:min(i+2, len(row))]))
			}
			return fmt.Sprintf("0x%08x  %-39s  %s\n", at, strings.Join(groups, " "), dots(row))
		})
	},
	"Bus Pirate": func(b []byte) string { return "UART bridge\nREAD: " + each(b, "0x%02X ", "") },
	"Docklight": func(b []byte) string {
		return "06.05.2023 15:04:05.123 [TX] - " + each(b, "%02X", " ") + "\r\n"
	},
	"RealTerm":   func(b []byte) string { return each(b, "%02X", "") },
	"candump":    func(b []byte) string { return "MQTT TX (" + fmt.Sprint(len(b)) + " bytes): " + each(b, "%02X", " ") },
	"sigrok-cli": func(b []byte) string { return each(b, "uart-1: %02X", "\n") },
	"Saleae 1": func(b []byte) string {
		return "Time [s],Value,Parity Error,Framing Error\n" + indexed(b, "0.%06d,0x%02X,,", "\n")
	},
	"Saleae 2": func(b []byte) string {
		s := "name,type,start_time,duration,data,error\n"
		for i, v := range b {
			s += fmt.Sprintf("\"Async Serial\",\"data\",%.9f,8.6805e-05,0x%02X,\n", 0.0012345+float64(i)*0.0000868, v)
		}
		return s
	},
	"PulseView": func(b []byte) string {
		s := ""
		for i, v := range b {
			s += fmt.Sprintf("%d-%d UART: TX: %02X\n", 1000+i*868, 1868+i*868, v)
		}
		return s
	},
}

// languages are layouts of programming languages and of what programs in them print.
var languages = map[string]func(b []byte) string{
	"Elixir":      func(b []byte) string { return "<<" + each(b, "%d", ", ") + ">>" },
	"Elixir, hex": func(b []byte) string { return "<<" + each(b, "0x%X", ", ") + ">>" },
	"Elixir, iex": func(b []byte) string {
		return "iex(1)> IO.inspect(packet, base: :hex)\n<<" + each(b, "0x%X", ", ") + ">>"
	},
	"Erlang, hex": func(b []byte) string { return "<<" + each(b, "16#%02X", ",") + ">>" },
	"Erlang, shell": func(b []byte) string {
		return "1> Packet.\n<<" + strings.ReplaceAll(each(b, "%d", ","), ",0,", ",0,\n  ") + ">>"
	},
	"Rust, debug":       func(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("[%s]", each(b, "%d", ", ")), "\n", "") },
	"Rust, byte string": rustString,
	"Rust, log": func(b []byte) string {
		return "[2023-05-06T15:04:05Z DEBUG rumqttc::framed] outgoing bytes = " + rustString(b)
	},
	"Rust, {:02x?}":  func(b []byte) string { return "[" + each(b, "%02x", ", ") + "]" },
	"Rust, {:#04x?}": func(b []byte) string { return "[\n    " + each(b, "0x%02x", ",\n    ") + ",\n]" },
	"Rust, {:#x?}":   func(b []byte) string { return "[\n    " + each(b, "0x%x", ",\n    ") + ",\n]" },
	"Rust, {:#?}":    func(b []byte) string { return "[\n    " + each(b, "%d", ",\n    ") + ",\n]" },
	"Rust, vec!":     func(b []byte) string { return "let packet: Vec<u8> = vec![" + each(b, "0x%02x", ", ") + "];" },
	"Rust, slice":    func(b []byte) string { return "stream.write_all(&[" + each(b, "0x%02X", ", ") + "]).unwrap();" },
	"Rust, pretty-hex": func(b []byte) string {
		return fmt.Sprintf("Length: %d (0x%x) bytes\n", len(b), len(b)) + rows(b, 16, func(at int, row []byte) string {
			var groups []string
			for i := 0; i < len(row); i += 4 {
				groups = append(groups, each(row[i:min(i+4, len(row))], "%02x", " "))
			}
			return fmt.Sprintf("%04x:   %-50s   %s\n", at, strings.Join(groups, "  "), dots(row))
		})
	},
	"Kotlin, numbers": func(b []byte) string {
		parts := make([]string, len(b))
		for i, v := range b {
			parts[i] = fmt.Sprint(int8(v))
		}
		return "val packet = byteArrayOf(" + strings.Join(parts, ", ") + ")"
	},
	"Kotlin, mixed": func(b []byte) string {
		parts := make([]string, len(b))
		for i, v := range b {
			parts[i] = fmt.Sprintf("0x%02x", v)
			if v > 127 {
				parts[i] += ".toByte()"
			}
		}
		return "val packet = byteArrayOf(\n    " + strings.Join(parts, ", ") + "\n)"
	},
	"Kotlin, unsigned": func(b []byte) string { return "val packet = ubyteArrayOf(" + each(b, "0x%02Xu", ", ") + ")" },
	"Java, casts":      func(b []byte) string { return "byte[] packet = new byte[] { " + each(b, "(byte) 0x%02X", ", ") + " };" },
	"Java, tight cast": func(b []byte) string { return "byte[] packet = {" + each(b, "(byte)0x%02x", ",") + "};" },
	"okio":             func(b []byte) string { return "[hex=" + hex.EncodeToString(b) + "]" },
	"Swift":            func(b []byte) string { return "let packet: [UInt8] = [" + each(b, "0x%02X", ", ") + "]" },
	"MicroPython":      func(b []byte) string { return "MPY: soft reboot\nsent: " + pythonString(b) + "\n>>> " },
	"MicroPython, bytearray": func(b []byte) string {
		return ">>> pkt\nbytearray(" + pythonString(b) + ")"
	},
	"Python, hex of each": func(b []byte) string {
		return "['" + each(b, "%#x", "', '") + "']"
	},
	"Python, hexlify with spaces": func(b []byte) string { return "b'" + each(b, "%02x", " ") + "'" },
	"Python, quoted hex pairs":    func(b []byte) string { return "['" + each(b, "%02x", "', '") + "']" },
	"Python, struct": func(b []byte) string {
		return "import socket\ns = socket.create_connection((\"localhost\", 1883))\ns.sendall(" + pythonString(b) + ")\n"
	},
	"Python, base64": func(b []byte) string {
		return "import base64\npkt = base64.b64decode('" + base64.StdEncoding.EncodeToString(b) + "')\n"
	},
	"JavaScript, Uint8Array": func(b []byte) string {
		return fmt.Sprintf("Uint8Array(%d) [\n  ", len(b)) + each(b, "%d", ", ") + "\n]"
	},
	"JavaScript, new array":   func(b []byte) string { return "new Uint8Array([" + each(b, "0x%02x", ", ") + "])" },
	"JavaScript, Buffer.from": func(b []byte) string { return "client.write(Buffer.from([" + each(b, "0x%02x", ", ") + "]))" },
	"C#":                      func(b []byte) string { return "var packet = new byte[] { " + each(b, "0x%02X", ", ") + " };" },
	"C#, BitConverter":        func(b []byte) string { return each(b, "%02X", "-") },
	"Delphi":                  func(b []byte) string { return "const Packet: array of Byte = [" + each(b, "$%02X", ", ") + "];" },
	"Ruby":                    func(b []byte) string { return "packet = [" + each(b, "0x%02x", ", ") + "].pack('C*')" },
	"Ruby, inspect":           func(b []byte) string { return `sock.write("` + each(b, `\x%02X`, "") + `")` },
	"PHP":                     func(b []byte) string { return `fwrite($s, "` + each(b, `\x%02X`, "") + `");` },
	"Perl, pack":              func(b []byte) string { return "print pack('H*', '" + hex.EncodeToString(b) + "');" },
	"Lua, string.char":        func(b []byte) string { return "sck:send(string.char(" + each(b, "0x%02X", ", ") + "))" },
	"Arduino": func(b []byte) string {
		return "const uint8_t packet[] PROGMEM = {\n  " + each(b, "0x%02X", ", ") + "\n};"
	},
	"EMQX trace": func(b []byte) string {
		return fmt.Sprintf("2023-05-06T15:04:05.123456+08:00 [SOCKET] c1@127.0.0.1:54321 msg: raw_bin_received, mfa: emqx_connection:when_bytes_in/3(795), line: 123, peername: 127.0.0.1:54321, bin: %X, size: %d, type: hex", b, len(b))
	},
	"SQL X": func(b []byte) string { return fmt.Sprintf("INSERT INTO t VALUES (X'%X');", b) },
}
