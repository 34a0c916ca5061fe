package packet

// MaxRemainingLength is the largest value that four bytes of a Variable Byte
// Integer can carry (table 2-4; 5.0: table 1-1), in bytes.
const MaxRemainingLength = 268_435_455

type varintState uint8

const (
	varintOK varintState = iota
	varintShort
	varintTooLong
)

// variableByteInteger reads the 7-bits-a-byte number at the start of b
// (section 1.5.5; 3.1.1: section 2.2.3) and the count of its bytes.
func variableByteInteger(b []byte) (x, n int, state varintState) {
	for n = 0; n < 4; n++ {
		if n == len(b) {
			return 0, n, varintShort
		}
		x |= int(b[n]&0x7f) << (7 * n)
		if b[n] < 0x80 {
			return x, n + 1, varintOK
		}
	}
	return 0, 4, varintTooLong
}

// varintSize returns how many bytes the shortest encoding of x takes, 1 to 4.
func varintSize(x int) int {
	switch {
	case x < 1<<7:
		return 1
	case x < 1<<14:
		return 2
	case x < 1<<21:
		return 3
	}
	return 4
}

// AppendVarint appends the shortest encoding of x, which is at most
// MaxRemainingLength.
func AppendVarint(dst []byte, x int) []byte {
	for x >= 0x80 {
		dst = append(dst, byte(x)|0x80)
		x >>= 7
	}
	return append(dst, byte(x))
}

// Size reads the fixed header at the start of b and returns the packet's
// whole length in bytes. It returns 0 if b is too short to tell, and a
// *Fault if no length can be read (a Remaining Length of more than four bytes).
func Size(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	length, n, state := variableByteInteger(b[1:])
	switch state {
	case varintShort:
		return 0, nil
	case varintTooLong:
		return 0, &Fault{Violation: RemainingLengthTooLong, Field: FieldRemainingLength, Offset: 1, Length: 4, Hi: -1, Lo: -1}
	}
	return 1 + n + length, nil
}
