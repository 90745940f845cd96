// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Why the control plane does not do what it was asked for.</summary>
public enum ControlPlaneError
{
    /// <summary>An argument is wrong (D-Bus: InvalidArgs).</summary>
    InvalidArgument,

    /// <summary>There is no such network or endpoint, or it went meanwhile (D-Bus: Failed).</summary>
    NotFound,

    /// <summary>There is no such link (D-Bus: InvalidArgs).</summary>
    UnknownLink,

    /// <summary>The EID that the caller names is in use by another endpoint, part of a pool, or kept for somebody (D-Bus: InvalidArgs).</summary>
    AddressInUse,

    /// <summary>The endpoint says that it has an EID which another has (D-Bus: FileExists).</summary>
    EidClaimed,

    /// <summary>The endpoint took another EID than the one assigned, and another has that (D-Bus: Failed).</summary>
    EidInsisted,

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
