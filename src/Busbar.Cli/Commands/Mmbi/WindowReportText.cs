// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Prints a <see cref="WindowReport"/> for people.</summary>
internal static class WindowReportText
{
    public static void Write(WindowReport report)
    {
        Console.Out.WriteLine($"window   {report.WindowBytes} bytes{(report.RendezvousPage ? ", the last 4096 are the rendezvous page" : string.Empty)}");
        Console.Out.WriteLine($"dialect  {report.Dialect ?? "none"} ({report.RecognisedBy})");
        foreach (string fault in report.Faults) Console.Out.WriteLine($"{Terminal.Bad("fault")}    {fault}");
        if (report.Descriptor is not null)
        {
            Console.Out.WriteLine();
            WriteFields(report.Descriptor);
        }

        foreach (InstanceReport instance in report.Instances)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine($"instance {instance.Instance}  state 0x{instance.StateCode:X} {instance.State}");
            WriteFields(instance.Status);
            foreach (RingReport ring in instance.Rings)
            {
                string direction = ring.Ring == "b2h" ? "owner to host" : "host to owner";
                string contents = !ring.InUse ? "not in use" : ring.FilledBytes == 0 ? "empty" : $"{ring.FilledBytes} bytes ({ring.FillPercent:0.#}%), {ring.Packets} packets, headers {ring.HeaderFormat ?? "not understood"}";
                Console.Out.WriteLine($"{ring.Ring} ({direction})  {ring.Length} bytes at {ring.Start}, write {ring.WritePointer}, read {ring.ReadPointer}: {(ring.Plausible ? contents : "pointer outside the ring")}");
            }
        }
    }

    private static void WriteFields(IEnumerable<FieldRow> rows)
    {
        var table = new ResultTable(alignsRight: false, "field", "raw", "meaning");
        foreach (FieldRow row in rows) table.Add(row.Field, row.Raw, row.Meaning);
        table.Write();
    }
}
