// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Why an MCTP system refuses.</summary>
public enum HostError
{
    /// <summary>What is to be added is there already (EEXIST).</summary>
    Exists,

    /// <summary>What is to be changed or removed is not there (ENOENT, ENODEV).</summary>
    NotFound,

    /// <summary>A value is out of its range or contradicts another (EINVAL).</summary>
    Invalid,

    /// <summary>A privilege is missing (EPERM, EACCES).</summary>
    NotPermitted,

    /// <summary>This system cannot do it at all.</summary>
    NotSupported,

    /// <summary>The system does not answer, or is gone.</summary>
    Unreachable,

    /// <summary>Anything else; the message says it.</summary>
    Failed,
}
