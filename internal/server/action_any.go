package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// parseAny reads an action line of any shape, and says what is wrong with it in
// Elasticsearch's words.
func parseAny(line []byte, n int) (a action, f *failure) {
	var syntax json.RawMessage
	if err := json.Unmarshal(line, &syntax); err != nil {
		return a, malformed(n, "expected one JSON object: "+err.Error())
	}
	if token := tokenOf(syntax); token != "START_OBJECT" {
		return a, malformed(n, "expected START_OBJECT but found ["+token+"]")
	}
	members := json.NewDecoder(bytes.NewReader(line))
	name, value, ok := nextMember(members)
	if !ok {
		return a, malformed(n, "expected FIELD_NAME but found [END_OBJECT]")
	}
	if a.op, ok = opOf([]byte(name)); !ok {
		return a, malformed(n, "expected field [create], [delete], [index] or [update] but found ["+name+"]")
	}
	switch token := tokenOf(value); token {
	case "START_OBJECT":
		if f := a.setAll(value, n); f != nil {
			return a, f
		}
	case "VALUE_NULL":
	default:
		return a, malformed(n, "expected START_OBJECT or END_OBJECT but found ["+token+"]")
	}
	if _, _, more := nextMember(members); more {
		return a, malformed(n, "expected END_OBJECT but found [FIELD_NAME]")
	}
	return a, nil
}

// setAll takes the keys of an action, given as an object.
func (a *action) setAll(object json.RawMessage, n int) *failure {
	members := json.NewDecoder(bytes.NewReader(object))
	for {
		key, value, ok := nextMember(members)
		if !ok {
			return nil
		}
		kind, text := wordValue, []byte(value)
		switch token := tokenOf(value); token {
		case "VALUE_NULL":
			kind, text = nullValue, nil
		case "VALUE_STRING":
			var s string
			_ = json.Unmarshal(value, &s) // it is one
			kind, text = textValue, []byte(s)
		case "START_ARRAY", "START_OBJECT":
			if token == "START_OBJECT" && (key == "_source" || key == "dynamic_templates") {
				continue
			}
			return malformed(n, "expected a simple value for field ["+key+"] but found ["+token+"]")
		}
		if !a.set([]byte(key), kind, text) {
			a.unknown = append(a.unknown, key)
		}
	}
}

// nextMember returns the next key of an object that is known to be valid, with its
// value; the first call goes into the object.
func nextMember(d *json.Decoder) (key string, value json.RawMessage, ok bool) {
	token, err := d.Token()
	if token == json.Delim('{') {
		token, err = d.Token()
	}
	key, ok = token.(string)
	if err != nil || !ok {
		return "", nil, false
	}
	return key, value, d.Decode(&value) == nil
}

// tokenOf names the first token of a value as Elasticsearch's parser does.
func tokenOf(value json.RawMessage) string {
	switch value = bytes.TrimLeft(value, " \t\r\n"); value[0] {
	case '{':
		return "START_OBJECT"
	case '[':
		return "START_ARRAY"
	case '"':
		return "VALUE_STRING"
	case 'n':
		return "VALUE_NULL"
	case 't', 'f':
		return "VALUE_BOOLEAN"
	}
	return "VALUE_NUMBER"
}

func malformed(n int, rest string) *failure {
	return badRequest(typeArgument, fmt.Sprintf("Malformed action/metadata line [%s], %s", strconv.Itoa(n), rest))
}
