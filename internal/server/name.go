package server

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

// maxID is Elasticsearch's limit for the bytes of an _id.
const maxID = 512

// badIndex says what is wrong with the name of an index or a data stream, by
// Elasticsearch's rules; nil if nothing is. Control characters are refused too: a
// name becomes that of a folder.
func badIndex(name string) *failure {
	if why := badIndexReason(name); why != "" {
		return badRequest(typeIndexName, "Invalid index name ["+name+"], "+why)
	}
	return nil
}

func badIndexReason(name string) string {
	switch {
	case name == "":
		return "must not be empty"
	case name == "." || name == "..":
		return "must not be '.' or '..'"
	case name[0] == '-' || name[0] == '_' || name[0] == '+':
		return "must not start with '_', '-', or '+'"
	case len(name) > 255:
		return "index name is too long, (" + strconv.Itoa(len(name)) + " > 255)"
	}
	for _, c := range name {
		switch {
		case strings.ContainsRune("\\/*?\"<>| ,", c):
			return `must not contain the following characters ['\','/','*','?','"','<','>','|',' ',',']`
		case c == '#' || c == ':':
			return "must not contain '" + string(c) + "'"
		case c < ' ' || c == 0x7F || c == unicode.ReplacementChar:
			return "must not contain control characters or broken text"
		case 'A' <= c && c <= 'Z' || c >= 0x80 && unicode.ToLower(c) != c:
			return "must be lowercase"
		}
	}
	return ""
}

// badID says what is wrong with an _id that was given.
func badID(id string) *failure {
	switch {
	case id == "":
		return badRequest(typeArgument, "if _id is specified it must not be empty")
	case len(id) > maxID:
		return badRequest(typeArgument, "id ["+id+"] is too long, must be no longer than 512 bytes but was: "+strconv.Itoa(len(id)))
	}
	return nil
}

// isDataStream reports whether a name has the three parts of Elastic's scheme.
func isDataStream(name string) bool {
	parts := strings.SplitN(name, "-", 3)
	if len(parts) != 3 {
		return false
	}
	for _, part := range parts {
		if part == "" || len(part) > 100 {
			return false
		}
	}
	return true
}

// noSuch is the answer to a write that insists on an alias or a data stream that
// the target is not.
func noSuch(index, flag, is string) *failure {
	return fault(http.StatusNotFound, typeNoIndex,
		"no such index ["+index+"] and ["+flag+"] request flag is [true] and ["+index+"] is not "+is)
}
