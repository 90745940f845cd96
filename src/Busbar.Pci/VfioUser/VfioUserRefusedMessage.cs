// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>A message that a <see cref="VfioUserServer"/> refused.</summary>
/// <param name="Command">What it claimed to be; may be no command that exists.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Error">What the client was told.</param>
public readonly record struct VfioUserRefusedMessage(VfioUserCommand Command, VfioUserRefusal Reason, Errno Error);
