// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A property of an interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Signature">The signature of its value.</param>
/// <param name="Change">What is promised about changes.</param>
/// <param name="IsWritable">Whether it can be set.</param>
internal sealed record DbusProperty(string Name, string Signature, DbusChange Change, bool IsWritable);
