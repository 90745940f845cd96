// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Busbar.BlackBox;

/// <summary>A signal that was seen on the bus.</summary>
internal sealed record BusSignal(string Path, string Interface, string Member, JsonElement Arguments);
