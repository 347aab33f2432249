// Package v1 holds the configuration that templates can read.
package v1

import (
	"strconv"

	"hookd/oracle/protoreflect"
)

// Hook_Condition says what happened.
type Hook_Condition int32

var conditions = map[Hook_Condition]string{
	0:   "CONDITION_UNKNOWN",
	1:   "CONDITION_ANY_ERROR",
	2:   "CONDITION_SNAPSHOT_START",
	3:   "CONDITION_SNAPSHOT_END",
	4:   "CONDITION_SNAPSHOT_ERROR",
	5:   "CONDITION_SNAPSHOT_WARNING",
	6:   "CONDITION_SNAPSHOT_SUCCESS",
	7:   "CONDITION_SNAPSHOT_SKIPPED",
	100: "CONDITION_PRUNE_START",
	101: "CONDITION_PRUNE_ERROR",
	102: "CONDITION_PRUNE_SUCCESS",
	200: "CONDITION_CHECK_START",
	201: "CONDITION_CHECK_ERROR",
	202: "CONDITION_CHECK_SUCCESS",
	300: "CONDITION_FORGET_START",
	301: "CONDITION_FORGET_ERROR",
	302: "CONDITION_FORGET_SUCCESS",
}

// Known says whether the condition has a name.
func Known(c Hook_Condition) bool {
	return conditions[c] != ""
}

func name[E ~int32](names map[E]string, e E) string {
	if known, ok := names[e]; ok {
		return known
	}
	return strconv.Itoa(int(e))
}

// String is the name, or else the number.
func (c Hook_Condition) String() string { return name(conditions, c) }

// Number is the number.
func (c Hook_Condition) Number() protoreflect.EnumNumber { return protoreflect.EnumNumber(c) }

// CommandPrefix_IONiceLevel is a priority of the disk.
type CommandPrefix_IONiceLevel int32

var ioNices = map[CommandPrefix_IONiceLevel]string{
	0: "IO_DEFAULT",
	1: "IO_BEST_EFFORT_LOW",
	2: "IO_BEST_EFFORT_HIGH",
	3: "IO_IDLE",
}

// String is the name, or else the number.
func (n CommandPrefix_IONiceLevel) String() string { return name(ioNices, n) }

// Number is the number.
func (n CommandPrefix_IONiceLevel) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(n)
}

// CommandPrefix_CPUNiceLevel is a priority of the CPU.
type CommandPrefix_CPUNiceLevel int32

var cpuNices = map[CommandPrefix_CPUNiceLevel]string{0: "CPU_DEFAULT", 1: "CPU_HIGH", 2: "CPU_LOW"}

// String is the name, or else the number.
func (n CommandPrefix_CPUNiceLevel) String() string { return name(cpuNices, n) }

// Number is the number.
func (n CommandPrefix_CPUNiceLevel) Number() protoreflect.EnumNumber {
	return protoreflect.EnumNumber(n)
}
