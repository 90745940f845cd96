// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Why the control plane does not do what it was asked for.</summary>
public enum ControlPlaneError
{
    /// <summary>An argument is wrong (D-Bus: InvalidArgs).</summary>
    InvalidArgument,

    /// <summary>There is no such link, network or endpoint (D-Bus: UnknownObject or InvalidArgs, by the call).</summary>
    NotFound,

    /// <summary>The EID is in use by another endpoint (D-Bus: FileExists or Failed, by the call).</summary>
    AddressInUse,

    /// <summary>No EID is free (D-Bus: Failed).</summary>
    NoFreeEid,

    /// <summary>The endpoint did not answer (D-Bus: Failed).</summary>
    NoAnswer,

    /// <summary>The endpoint answered with an error, or with nonsense (D-Bus: Failed).</summary>
    BadAnswer,

    /// <summary>We are not the bus owner of that link, or the endpoint is one of our own (D-Bus: Failed).</summary>
    NotAllowed,

    /// <summary>The system below refused; the message says why (D-Bus: Failed).</summary>
    HostRefused,
}
