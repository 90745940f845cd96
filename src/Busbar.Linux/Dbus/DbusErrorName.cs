// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Names of D-Bus errors (D-Bus specification, and the reference library's list).</summary>
public static class DbusErrorName
{
    /// <summary>Something went wrong; the text says what.</summary>
    public const string Failed = "org.freedesktop.DBus.Error.Failed";

    /// <summary>An argument is wrong.</summary>
    public const string InvalidArguments = "org.freedesktop.DBus.Error.InvalidArgs";

    /// <summary>A signature is none.</summary>
    public const string InvalidSignature = "org.freedesktop.DBus.Error.InvalidSignature";

    /// <summary>What is to be made is there already.</summary>
    public const string FileExists = "org.freedesktop.DBus.Error.FileExists";

    /// <summary>The caller may not.</summary>
    public const string AccessDenied = "org.freedesktop.DBus.Error.AccessDenied";

    /// <summary>There is no such object.</summary>
    public const string UnknownObject = "org.freedesktop.DBus.Error.UnknownObject";

    /// <summary>The object has no such interface.</summary>
    public const string UnknownInterface = "org.freedesktop.DBus.Error.UnknownInterface";

    /// <summary>The interface has no such method.</summary>
    public const string UnknownMethod = "org.freedesktop.DBus.Error.UnknownMethod";

    /// <summary>The interface has no such property.</summary>
    public const string UnknownProperty = "org.freedesktop.DBus.Error.UnknownProperty";

    /// <summary>The property cannot be written.</summary>
    public const string PropertyReadOnly = "org.freedesktop.DBus.Error.PropertyReadOnly";

    /// <summary>The caller, or all of them together, ask for too much at a time.</summary>
    public const string LimitsExceeded = "org.freedesktop.DBus.Error.LimitsExceeded";

    /// <summary>No answer came in time, or the connection ended before.</summary>
    public const string NoReply = "org.freedesktop.DBus.Error.NoReply";

    /// <summary>The connection to the bus ended.</summary>
    public const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";
}
