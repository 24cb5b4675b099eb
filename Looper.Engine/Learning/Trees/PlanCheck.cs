using System.Runtime.CompilerServices;

namespace Looper.Core.Learning.Trees;

/// <summary>Whether parts that were read can be scored with: a <see cref="ScoringPlan"/> looks at no bounds of its own, so every index it would follow is
/// looked at here, and that every way down a tree ends.</summary>
internal static class PlanCheck
{
    private const int NoSplit = 255;

    /// <param name="width">Columns of a row.</param>
    /// <param name="variants">Values of the open column that scores are asked for; 1 without one.</param>
    /// <exception cref="ArtefactFault">With what is wrong.</exception>
    public static void Check(PlanParts plan, int width, int variants)
    {
        Require(plan.Outputs == 1 && plan.Variants == variants && plan.Open >= -1 && plan.Open < width, "its shape does not fit");
        Require(plan.Slots is > 0 and <= ushort.MaxValue && plan.Nodes.Length == plan.Values.Length && plan.Roots.Length > 0, "its sizes do not fit");
        Require(plan.Onwards.Length == (long)plan.Stops.Length * variants, "its ways do not fit its stops");
        foreach (var column in plan.Columns) CheckColumn(column, plan.Slots, width);
        for (var t = 0; t < plan.Roots.Length; t++)
        {
            var (first, end) = (plan.Roots[t], t + 1 < plan.Roots.Length ? plan.Roots[t + 1] : plan.Nodes.Length);
            Require((t > 0 || first == 0) && first >= 0 && first < end && end <= plan.Nodes.Length, "its trees are out of order");
            CheckTree(plan, first, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a start looks at a thousand plans before the JIT would find that it matters
    private static void CheckTree(PlanParts plan, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            var node = plan.Nodes[i];
            var (left, slot, mark, stop) = ((long)(uint)node, (int)(ushort)(node >> 32), (int)(byte)(node >> 48), (int)(node >> 56));
            var goesOn = left > i && left + 1 < end;
            if (slot >= plan.Slots || stop > 1 || !double.IsFinite(plan.Values[i])) throw new ArtefactFault("a node is out of bounds");
            if (stop == 0 ? goesOn || (left == i && mark == NoSplit) : left == i && mark == NoSplit && Stops(plan, i, end)) continue;
            throw new ArtefactFault("a node leads nowhere");
        }
    }

    private static bool Stops(PlanParts plan, int i, int end)
    {
        var value = plan.Values[i];
        if (!(value >= 0 && value < plan.Stops.Length) || value != Math.Floor(value)) return false;
        var left = plan.Stops[(int)value].Left;
        if (left <= i || left + 1 >= end) return false;
        foreach (var onward in plan.Onwards.AsSpan((int)value * plan.Variants, plan.Variants))
        {
            if (onward != left && onward != left + 1) return false;
        }
        return true;
    }

    private static void CheckColumn(SlotColumn column, int slots, int width)
    {
        Require((uint)column.Index < (uint)width && column.FirstSlot > 0 && column.Slots > 0 && (long)column.FirstSlot + column.Slots <= slots, "a column is out of bounds");
        if (column.Cuts is { } cuts)
        {
            var groups = (cuts.Length + SplitSlots.Group - 1) / SplitSlots.Group;
            Require(groups > 0 && (column.LeftSlots == 0 || column.LeftSlots == groups) && (column.Slots == groups || column.Slots == 2 * groups), "thresholds do not fit their slots");
            for (var i = 1; i < cuts.Length; i++) Require(cuts[i] > cuts[i - 1], "thresholds are out of order");
            return;
        }
        Require(column.Levels is not null && column.Table is { Length: > 0 } table && table.Length % column.Slots == 0, "levels do not fit their slots");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new ArtefactFault(otherwise);
    }
}
