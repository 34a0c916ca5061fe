package ladder

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// An edit is shown only so far: what it says stands in one row.
const (
	editsNamed  = 8       // edits one by one
	editHex     = 8       // bytes of each
	editCompare = 1 << 16 // pairs of bytes compared; more are one edit
)

// edit says that bytes of one packet, from an offset on, are others in another.
type edit struct {
	offset  int // in the packet before
	was, is []byte
}

// lengthBefore says how long a packet was, if it is not as long any more.
func lengthBefore(before, after []byte) string {
	if len(before) == len(after) {
		return ""
	}
	return strconv.Itoa(len(before)) + " → "
}

// edits tells what makes one packet of another: "1: 0d → 0f, 10: + 62 63".
func edits(before, after []byte) string {
	var told []string
	for _, e := range compare(before, after) {
		if len(told) == editsNamed {
			told = append(told, "…")
			break
		}
		at := strconv.Itoa(e.offset) + ": "
		switch {
		case len(e.was) == 0:
			told = append(told, at+"+ "+clipped(e.is))
		case len(e.is) == 0:
			told = append(told, at+"− "+clipped(e.was))
		default:
			told = append(told, at+clipped(e.was)+" → "+clipped(e.is))
		}
	}
	return strings.Join(told, ", ")
}

func clipped(b []byte) string {
	if len(b) > editHex {
		return fmt.Sprintf("% x …", b[:editHex])
	}
	return fmt.Sprintf("% x", b)
}

// compare finds the fewest bytes whose change makes one packet of another:
// all but those of the longest sequence that both have in common.
func compare(before, after []byte) []edit {
	offset := 0
	for offset < min(len(before), len(after)) && before[offset] == after[offset] {
		offset++
	}
	before, after = before[offset:], after[offset:]
	for n := len(before) - 1; n >= 0 && len(after) > 0 && before[n] == after[len(after)-1]; n-- {
		before, after = before[:n], after[:len(after)-1]
	}
	if bytes.Equal(before, after) {
		return nil
	}
	if len(before)*len(after) > editCompare {
		return []edit{{offset, before, after}}
	}
	// common[i][j] is how much before[i:] and after[j:] have in common.
	common := make([][]uint16, len(before)+1)
	for i := range common {
		common[i] = make([]uint16, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); before[i] == after[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var list []edit
	i, j, open := 0, 0, false
	for i < len(before) || j < len(after) {
		if i < len(before) && j < len(after) && before[i] == after[j] {
			i, j, open = i+1, j+1, false
			continue
		}
		if !open {
			list, open = append(list, edit{offset: offset + i}), true
		}
		e := &list[len(list)-1]
		if j == len(after) || i < len(before) && common[i+1][j] >= common[i][j+1] {
			e.was = append(e.was, before[i])
			i++
		} else {
			e.is = append(e.is, after[j])
			j++
		}
	}
	return list
}
