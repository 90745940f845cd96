// SPDX-License-Identifier: Apache-2.0
namespace Busbar.BlackBox;

/// <summary>A D-Bus call was answered with an error.</summary>
internal sealed class BusException(string message) : Exception(message);
