package eql

// tokenKind is a kind of token. Keywords have one kind each.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokIdent
	tokQuotedIdent
	tokTildeIdent // text holds the name without `~`
	tokInteger
	tokDecimal
	tokString

	tokEq         // ==
	tokNe         // !=
	tokLt         // <
	tokLe         // <=
	tokGt         // >
	tokGe         // >=
	tokAssign     // =
	tokColon      // :
	tokPlus       // +
	tokMinus      // -
	tokStar       // *
	tokSlash      // /
	tokPercent    // %
	tokDot        // .
	tokComma      // ,
	tokLParen     // (
	tokRParen     // )
	tokLBracket   // [
	tokRBracket   // ]
	tokMissing    // ![
	tokPipe       // |
	tokQuestion   // ?
	firstKeyword_ // below: the reserved words

	kwAnd
	kwAny
	kwBy
	kwFalse
	kwIn
	kwInFold
	kwJoin
	kwLike
	kwLikeFold
	kwMaxspan
	kwNot
	kwNull
	kwOf
	kwOr
	kwRegex
	kwRegexFold
	kwSample
	kwSequence
	kwTrue
	kwUntil
	kwWhere
	kwWith
)

var tokenTexts = map[tokenKind]string{
	tokEq: "==", tokNe: "!=", tokLt: "<", tokLe: "<=", tokGt: ">", tokGe: ">=",
	tokAssign: "=", tokColon: ":", tokPlus: "+", tokMinus: "-", tokStar: "*",
	tokSlash: "/", tokPercent: "%", tokDot: ".", tokComma: ",", tokLParen: "(",
	tokRParen: ")", tokLBracket: "[", tokRBracket: "]", tokMissing: "![",
	tokPipe: "|", tokQuestion: "?",
}

// keywords are lower-case, case-sensitive and all reserved.
var keywords = map[string]tokenKind{
	"and": kwAnd, "any": kwAny, "by": kwBy, "false": kwFalse, "in": kwIn,
	"in~": kwInFold, "join": kwJoin, "like": kwLike, "like~": kwLikeFold,
	"maxspan": kwMaxspan, "not": kwNot, "null": kwNull, "of": kwOf, "or": kwOr,
	"regex": kwRegex, "regex~": kwRegexFold, "sample": kwSample,
	"sequence": kwSequence, "true": kwTrue, "until": kwUntil, "where": kwWhere,
	"with": kwWith,
}

// token is one token of the query. text is the identifier's name, the string's
// content or the source text of everything else.
type token struct {
	kind tokenKind
	text string
	at   Pos
}

// describe names the token in an error message.
func (t token) describe() string {
	switch {
	case t.kind == tokEOF:
		return "the end of the query"
	case t.kind == tokString:
		return "a string"
	case t.kind > firstKeyword_:
		return "the reserved word '" + t.text + "'"
	case t.kind == tokTildeIdent:
		return "'" + clip(t.text) + "~'"
	}
	return "'" + clip(t.text) + "'"
}

// clipAt is how many characters of a text a message quotes.
const clipAt = 60

// clip shortens text for a message.
func clip(s string) string {
	n := 0
	for i := range s {
		if n == clipAt {
			return s[:i] + "..."
		}
		n++
	}
	return s
}

func isIdentStart(c byte) bool {
	return c == '_' || c == '@' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isIdentPart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isBareName reports whether s can stand for itself, without quotes, as a
// field segment or a category.
func isBareName(s string) bool {
	if s == "" || !isIdentStart(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isIdentPart(s[i]) {
			return false
		}
	}
	_, reserved := keywords[s]
	return !reserved
}
