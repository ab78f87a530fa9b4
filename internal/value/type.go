package value

// Type is the static type of an EQL expression or field: what the checks and
// their messages speak of.
type Type uint8

// The types. The texts are those of Elasticsearch's messages.
const (
	TypeUnknown Type = iota // no schema names the field: checked when a value comes
	TypeNull
	TypeBoolean
	TypeInteger
	TypeLong
	TypeUnsignedLong
	TypeDouble
	TypeKeyword // keyword, constant_keyword, wildcard
	TypeText    // text with no exact sub-field
	TypeDate
	TypeIP
	TypeVersion
	TypeObject
	TypeNested
	TypeUnsupported // geo_point and the like
)

var typeNames = [...]string{
	"unknown", "null", "boolean", "integer", "long", "unsigned_long", "double",
	"keyword", "text", "datetime", "ip", "version", "object", "nested", "unsupported",
}

// String returns the type's name as Elasticsearch's messages write it.
func (t Type) String() string { return typeNames[t] }

// IsString reports whether t is of the string family.
func (t Type) IsString() bool { return t == TypeKeyword || t == TypeText }

// IsNumeric reports whether t is an integer or a double type.
func (t Type) IsNumeric() bool { return t >= TypeInteger && t <= TypeDouble }

// IsInteger reports whether t is an integer type.
func (t Type) IsInteger() bool { return t >= TypeInteger && t <= TypeUnsignedLong }
