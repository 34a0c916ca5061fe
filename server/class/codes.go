package class

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"unicode"
)

// letters of codes that people read aloud and type: no I, L, O, U, 0 and 1,
// which are taken for one another or make words.
const letters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

const (
	joinLetters     = 6  // 30^6, some 730 million; guesses are bounded by address and in all
	personalLetters = 10 // 30^10, some 590 million million: it alone lets its student in
)

// code returns n random letters.
func code(n int) string {
	out := make([]byte, 0, n)
	var random [32]byte
	for len(out) < n {
		rand.Read(random[:])
		for _, b := range random {
			// Of 256 values the first 240 fall evenly on 30 letters.
			if int(b) < 256/len(letters)*len(letters) && len(out) < n {
				out = append(out, letters[int(b)%len(letters)])
			}
		}
	}
	return string(out)
}

// Normal returns a code as it is kept, from what somebody typed.
func Normal(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case unicode.IsSpace(r) || r == '-' || r == '·':
			return -1
		}
		return r
	}, typed)
}

// Spaced returns a code in two groups, for people to read.
func Spaced(code string) string {
	if len(code) < joinLetters {
		return code
	}
	half := (len(code) + 1) / 2
	return code[:half] + " " + code[half:]
}

// ValidPrefix is whether codes of a server can begin with this.
func ValidPrefix(prefix string) bool {
	return len(prefix) <= 4 && strings.Trim(prefix, letters) == ""
}

// Token is a secret of 256 bits that a program keeps.
type Token string

func newToken() Token {
	var b [32]byte
	rand.Read(b[:])
	return Token(base64.RawURLEncoding.EncodeToString(b[:]))
}

// newID returns 130 random bits. An id begins with a letter or a digit: a
// spreadsheet takes what begins with a hyphen for a formula.
func newID() string { return strings.ToLower(rand.Text()) }

// hash is what is kept of a token or a personal code: nobody who reads the
// file can act for its owner.
type hash [sha256.Size]byte

func hashOf(secret string) hash { return sha256.Sum256([]byte(secret)) }

// is compares in constant time.
func (h hash) is(secret string) bool {
	other := hashOf(secret)
	return subtle.ConstantTimeCompare(h[:], other[:]) == 1
}
