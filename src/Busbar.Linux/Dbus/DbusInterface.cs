// SPDX-License-Identifier: Apache-2.0
using System.Security;
using System.Text;

namespace Busbar.Linux;

/// <summary>An interface as a kind: names, signatures, and what stands behind them. Made once, used by all objects that have it.</summary>
public abstract class DbusInterface
{
    private readonly StringBuilder _members = new();
    private string? _description;

    private protected DbusInterface(string name) => Name = name;

    /// <summary>The interface's name.</summary>
    public string Name { get; }

    /// <summary>The interface's part of an introspection document.</summary>
    internal string Description => _description ??= $" <interface name=\"{Name}\">\n{_members} </interface>\n";

    internal abstract bool HasMethod(string name);

    internal abstract DbusProperty? FindProperty(string name);

    internal abstract IEnumerable<DbusProperty> Properties();

    /// <summary>The signature of a method's arguments.</summary>
    internal abstract string InputOf(string method);

    /// <summary>Runs a method; its signature was compared before.</summary>
    internal abstract Task CallAsync(object target, DbusCall call);

    internal abstract void Read(object target, DbusProperty property, DbusWriter writer);

    internal abstract Task WriteAsync(object target, DbusProperty property, DbusReader reader);

    private protected void DescribeMethod(string name, string input, string[] inputNames, string output, string[] outputNames)
    {
        _members.Append("  <method name=\"").Append(name).Append("\">\n");
        DescribeArguments(input, inputNames, " direction=\"in\"");
        DescribeArguments(output, outputNames, " direction=\"out\"");
        _members.Append("  </method>\n");
    }

    private protected void DescribeSignal(string name, string signature, string[] names)
    {
        _members.Append("  <signal name=\"").Append(name).Append("\">\n");
        DescribeArguments(signature, names, "");
        _members.Append("  </signal>\n");
    }

    private protected void DescribeProperty(DbusProperty property)
    {
        string access = property.IsWritable ? "readwrite" : "read";
        _members.Append("  <property name=\"").Append(property.Name).Append("\" type=\"").Append(property.Signature).Append("\" access=\"").Append(access).Append('"');
        string? promise = property.Change switch
        {
            DbusChange.Constant => "const",
            DbusChange.Silent => "false",
            _ => null,
        };
        if (promise is null)
        {
            _members.Append("/>\n");
            return;
        }

        _members.Append(">\n   <annotation name=\"org.freedesktop.DBus.Property.EmitsChangedSignal\" value=\"").Append(promise).Append("\"/>\n  </property>\n");
    }

    private void DescribeArguments(string signature, string[] names, string direction)
    {
        int at = 0;
        foreach (string type in DbusSignature.Split(signature))
        {
            string name = at < names.Length ? $" name=\"{SecurityElement.Escape(names[at])}\"" : "";
            _members.Append("   <arg type=\"").Append(type).Append('"').Append(name).Append(direction).Append("/>\n");
            at++;
        }
    }
}
