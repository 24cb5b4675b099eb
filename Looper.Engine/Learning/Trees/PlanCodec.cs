using System.Runtime.InteropServices;

namespace Looper.Core.Learning.Trees;

/// <summary>The parts of a plan to bytes and back, in this machine's own order of bytes.</summary>
internal static class PlanCodec
{
    public static void Write(BinaryWriter to, PlanParts plan)
    {
        to.Write(plan.Slots);
        to.Write(plan.Variants);
        to.Write(plan.Outputs);
        to.Write(plan.Open);
        to.Write(plan.Columns.Length);
        foreach (var column in plan.Columns)
        {
            to.Write(column.Index);
            to.Write(column.FirstSlot);
            to.Write(column.Slots);
            to.Write(column.LeftSlots);
            to.Write(column.Cuts is not null);
            if (column.Cuts is { } cuts) WriteAll<double>(to, cuts);
            else
            {
                WriteAll<short>(to, column.Levels);
                WriteAll<byte>(to, column.Table);
            }
        }
        WriteAll<ulong>(to, plan.Nodes);
        WriteAll<double>(to, plan.Values);
        WriteAll<int>(to, plan.Roots);
        WriteAll<int>(to, plan.Onwards);
        WriteAll<int>(to, Array.ConvertAll(plan.Stops, s => s.Left));
        WriteAll<double>(to, Array.ConvertAll(plan.Stops, s => s.Share));
    }

    /// <summary>What was written; the caller looks at it by <see cref="PlanCheck"/>.</summary>
    public static PlanParts Read(ref BlockReader from)
    {
        var (slots, variants, outputs, open) = (from.Int(), from.Int(), from.Int(), from.Int());
        var columns = new SlotColumn[from.Count(17)];
        for (var j = 0; j < columns.Length; j++)
        {
            var (index, first, count, left) = (from.Int(), from.Int(), from.Int(), from.Int());
            columns[j] = from.Byte() != 0
                ? new(index, first, count, from.All<double>(), left, null, null)
                : new(index, first, count, null, left, from.All<short>(), from.All<byte>());
        }
        var (nodes, values, roots, onwards) = (from.All<ulong>(), from.All<double>(), from.All<int>(), from.All<int>());
        var (lefts, shares) = (from.All<int>(), from.All<double>());
        if (lefts.Length != shares.Length) throw new ArtefactFault("its stops do not fit");
        return new(columns, slots, variants, outputs, open, nodes, values, roots, onwards, [.. lefts.Zip(shares)]);
    }

    public static void WriteAll<T>(BinaryWriter to, ReadOnlySpan<T> items) where T : unmanaged
    {
        to.Write(items.Length);
        to.Write(MemoryMarshal.AsBytes(items));
    }
}
