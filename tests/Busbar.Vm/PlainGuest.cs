// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;

namespace Busbar.Vm;

/// <summary>One guest without special devices, booted when the first test of a class asks for it and shared by the class.</summary>
public sealed class PlainGuest : IDisposable
{
    private readonly Lazy<GuestMachine> _machine = new(() => Guests.Boot(new GuestOptions { Name = "plain" }));

    /// <summary>The guest; where there can be none, the running test is skipped. A boot that failed is not tried again.</summary>
    public GuestMachine Machine
    {
        get
        {
            Guests.RequireImage();
            return _machine.Value;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_machine.IsValueCreated) _machine.Value.Dispose();
    }
}
