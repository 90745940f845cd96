// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>An interface of objects behind which a <typeparamref name="T"/> stands.</summary>
/// <typeparam name="T">What the methods and properties are about.</typeparam>
public sealed class DbusInterfaceOf<T> : DbusInterface
    where T : class
{
    private readonly Dictionary<string, (string Input, Func<T, DbusCall, Task> Run)> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DbusProperty Property, Action<T, DbusWriter> Read, Func<T, DbusReader, Task>? Write)> _properties = new(StringComparer.Ordinal);
    private readonly List<DbusProperty> _inOrder = [];

    /// <summary>Creates an interface without members.</summary>
    /// <param name="name">Its name.</param>
    public DbusInterfaceOf(string name)
        : base(name)
    {
    }

    /// <summary>Adds a method.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">Signature of its arguments; calls with others are refused before <paramref name="run"/>.</param>
    /// <param name="inputNames">Their names.</param>
    /// <param name="output">Signature of its results.</param>
    /// <param name="outputNames">Their names.</param>
    /// <param name="run">
    /// Reads the arguments before its first await and answers the call. A <see cref="DbusException"/> becomes the answer, and so does coming to the end without any.
    /// </param>
    /// <returns>This interface.</returns>
    public DbusInterfaceOf<T> Method(string name, string input, string[] inputNames, string output, string[] outputNames, Func<T, DbusCall, Task> run)
    {
        _methods.Add(name, (input, run));
        DescribeMethod(name, input, inputNames, output, outputNames);
        return this;
    }

    /// <summary>Adds a property.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="signature">The signature of its value.</param>
    /// <param name="change">What is promised about changes.</param>
    /// <param name="read">Writes its value, without the variant around it.</param>
    /// <param name="write">Reads a new value from inside the variant, before its first await, and sets it; null for a property that is only read.</param>
    /// <returns>This interface.</returns>
    public DbusInterfaceOf<T> Property(string name, string signature, DbusChange change, Action<T, DbusWriter> read, Func<T, DbusReader, Task>? write = null)
    {
        var property = new DbusProperty(name, signature, change, write is not null);
        _properties.Add(name, (property, read, write));
        _inOrder.Add(property);
        DescribeProperty(property);
        return this;
    }

    /// <summary>Adds a signal to the description; <see cref="DbusConnection.EmitSignal"/> emits it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="signature">The signature of its arguments.</param>
    /// <param name="names">Their names.</param>
    /// <returns>This interface.</returns>
    public DbusInterfaceOf<T> Signal(string name, string signature, params string[] names)
    {
        DescribeSignal(name, signature, names);
        return this;
    }

    internal override bool HasMethod(string name) => _methods.ContainsKey(name);

    internal override DbusProperty? FindProperty(string name) => _properties.TryGetValue(name, out var found) ? found.Property : null;

    internal override IEnumerable<DbusProperty> Properties() => _inOrder;

    internal override string InputOf(string method) => _methods[method].Input;

    internal override Task CallAsync(object target, DbusCall call) => _methods[call.Member].Run((T)target, call);

    internal override void Read(object target, DbusProperty property, DbusWriter writer) => _properties[property.Name].Read((T)target, writer);

    internal override Task WriteAsync(object target, DbusProperty property, DbusReader reader) =>
        _properties[property.Name].Write is { } write ? write((T)target, reader) : throw new InvalidOperationException("The property is only read.");
}
