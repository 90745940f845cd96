// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Why a <see cref="VfioUserServer"/> answered a message with an error, or with nothing where no answer was wanted.</summary>
public enum VfioUserRefusal
{
    /// <summary>A size below that of a header, or above that of the largest message: the connection ends, because nobody knows where the next message begins.</summary>
    BadSize,

    /// <summary>Neither a command nor a reply to one of ours.</summary>
    NotACommand,

    /// <summary>No such command, or none that a client may send.</summary>
    UnknownCommand,

    /// <summary>A command that exists and that this server does not have: migration, device features, dirty page tracking.</summary>
    NotSupported,

    /// <summary>Before VERSION nothing else is understood, and VERSION comes once.</summary>
    NotNegotiated,

    /// <summary>A version whose first number is not 0.</summary>
    BadVersion,

    /// <summary>Capabilities that are no JSON, not terminated, or of wrong types.</summary>
    BadCapabilities,

    /// <summary>Less payload than the command needs, or a length that contradicts a count in it.</summary>
    BadLength,

    /// <summary>No such region or kind of interrupt.</summary>
    BadIndex,

    /// <summary>Bits that exclude each other, are missing, or do not exist.</summary>
    BadFlags,

    /// <summary>A range beyond the end of a region, of the vectors, or of the address space.</summary>
    OutOfRange,

    /// <summary>More data than one access carries.</summary>
    TooLarge,

    /// <summary>Descriptors where none belong, or not as many as the message says.</summary>
    UnexpectedDescriptors,

    /// <summary>More descriptors than a message brings, or than this process had room for.</summary>
    TooManyDescriptors,

    /// <summary>A descriptor for an interrupt that is no eventfd.</summary>
    NotAnEventFd,

    /// <summary>A DMA range that overlaps one that is there.</summary>
    Overlap,

    /// <summary>Only a part of a DMA range was to be taken back.</summary>
    PartOfMap,

    /// <summary>More DMA ranges than the limit.</summary>
    TooManyMaps,

    /// <summary>More memory, or more memory objects, than the limit.</summary>
    TooMuchMemory,

    /// <summary>A descriptor whose content cannot be mapped at all.</summary>
    Unmappable,
}
