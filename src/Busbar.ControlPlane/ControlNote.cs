// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Something that a person who watches the control plane wants to read.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Text">One line.</param>
public readonly record struct ControlNote(NoteSeverity Severity, string Text);
