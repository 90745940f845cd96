// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What a property's introspection promises about its changes (annotation EmitsChangedSignal of the D-Bus specification).</summary>
public enum DbusChange
{
    /// <summary>PropertiesChanged tells the new value.</summary>
    Emitted,

    /// <summary>It never changes while the object lives.</summary>
    Constant,

    /// <summary>It changes, and nobody is told: counters.</summary>
    Silent,
}
