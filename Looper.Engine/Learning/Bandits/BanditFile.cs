using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Looper.Core.Learning.Linear;

namespace Looper.Core.Learning.Bandits;

/// <summary>The bytes of a <see cref="BanditState"/>: <c>LPRB</c>, a format version, the SHA-256 of the rest, then its values, little-endian. Data, never code.</summary>
public static class BanditFile
{
    private const int Magic = 0x4252504C, FormatVersion = 6, HeaderBytes = 40, MostOptions = 1_000, MostColumns = 4_096, MostMembers = 1_000, MostGuardrails = 100;

    /// <summary>Writes.</summary>
    public static byte[] Write(BanditState state)
    {
        using var memory = new MemoryStream();
        using var to = new BinaryWriter(memory, Encoding.UTF8);
        to.Write(Magic);
        to.Write(FormatVersion);
        to.Write(new byte[SHA256.HashSizeInBytes]);
        to.Write(state.Options.Length);
        foreach (var key in state.Options) to.Write(key);
        to.Write(state.Design.Columns.Length);
        foreach (var (column, design) in state.Design.Columns.Zip(state.Design.Design))
        {
            to.Write(column.Name);
            to.Write(column.Kind == ColumnKind.Category);
            to.Write(column.Categories.Length);
            foreach (var text in column.Categories) to.Write(text);
            to.Write(design.IsCategory);
            to.Write(design.Mean);
            to.Write(design.Deviation);
            to.Write(design.Slots.Length);
            foreach (var slot in design.Slots) to.Write(slot);
            to.Write(design.Width);
        }
        to.Write(state.Design.Products.Length);
        foreach (var (one, other) in state.Design.Products)
        {
            to.Write(one);
            to.Write(other);
        }
        foreach (var option in state.Statistics.Options) Write(to, option);
        Write(to, state.Trees);
        Write(to, state.Guards);
        to.Flush();
        var bytes = memory.ToArray();
        SHA256.HashData(bytes.AsSpan(HeaderBytes), bytes.AsSpan(HeaderBytes - SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
        return bytes;
    }

    /// <summary>Reads what was written.</summary>
    /// <returns>Null for bytes that are something else, of another format, or broken: it can be learned again.</returns>
    public static BanditState? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !SHA256.HashData(bytes[HeaderBytes..]).AsSpan().SequenceEqual(bytes[(HeaderBytes - SHA256.HashSizeInBytes)..HeaderBytes])) return null;
        using var from = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        try
        {
            if (from.ReadInt32() != Magic || from.ReadInt32() != FormatVersion) return null;
            _ = from.ReadBytes(SHA256.HashSizeInBytes);
            ImmutableArray<string> options = [.. Items(from, MostOptions, r => r.ReadString())];
            var columns = Items(from, MostColumns, ReadColumn);
            ImmutableArray<(int One, int Other)> products = [.. Items(from, BanditDesign.MostWidth, r => (r.ReadInt32(), r.ReadInt32()))];
            var design = new BanditDesign([.. columns.Select(c => c.Column)], [.. columns.Select(c => c.Design)], products);
            if (design.Width > BanditDesign.MostWidth || products.Any(p => Math.Min(p.One, p.Other) < 0 || Math.Max(p.One, p.Other) >= design.Width - products.Length) || columns.Any(c => c.Design.Slots.Any(s => s < 0 || s >= c.Design.Width))) return null;
            var statistics = new BanditStatistics(options.Length, design.Width);
            foreach (var option in statistics.Options) Read(from, option);
            return new(options, design, statistics, ReadTrees(from, options.Length)) { Guards = ReadGuards(from, options.Length, design.Width) };
        }
        catch (Exception fault) when (fault is IOException or FormatException or ArgumentException or InvalidDataException)
        {
            return null;
        }
    }

    private static T[] Items<T>(BinaryReader from, int most, Func<BinaryReader, T> read)
    {
        var count = from.ReadInt32();
        if (count < 0 || count > most) throw new InvalidDataException("An impossible count.");
        var items = new T[count];
        for (var i = 0; i < count; i++) items[i] = read(from);
        return items;
    }

    private static (Column Column, DesignColumn Design) ReadColumn(BinaryReader from)
    {
        var (name, kind) = (from.ReadString(), from.ReadBoolean() ? ColumnKind.Category : ColumnKind.Number);
        var column = new Column(name, kind, [.. Items(from, 1 << 20, r => r.ReadString())]);
        var (isCategory, mean, deviation) = (from.ReadBoolean(), from.ReadDouble(), from.ReadDouble());
        var design = new DesignColumn(isCategory, mean, deviation, Items(from, 1 << 20, r => r.ReadInt32()), from.ReadInt32());
        return design.Width >= (isCategory ? 0 : 2) && design.Width <= BanditDesign.MostWidth ? (column, design) : throw new InvalidDataException("A column that cannot be.");
    }

    private static void Write(BinaryWriter to, RidgeStatistics option)
    {
        to.Write(option.Weight);
        to.Write(option.Reward);
        to.Write(option.SquaredReward);
        foreach (var sum in option.Rows) to.Write(sum);
        foreach (var sum in option.Products) to.Write(sum);
        for (var i = 0; i < option.Width; i++)
            for (var j = 0; j <= i; j++) to.Write(option.Squares[i * option.Width + j]);
    }

    private static void Read(BinaryReader from, RidgeStatistics option)
    {
        option.Restore(Finite(from), Finite(from), Finite(from));
        for (var i = 0; i < option.Width; i++) option.Rows[i] = Finite(from);
        for (var i = 0; i < option.Width; i++) option.Products[i] = Finite(from);
        for (var i = 0; i < option.Width; i++)
            for (var j = 0; j <= i; j++) option.Squares[i * option.Width + j] = Finite(from);
    }

    private static void Write(BinaryWriter to, TreeBandit? trees)
    {
        to.Write(trees?.Options.Length > 0 ? trees.Options[0].Length : 0);
        if (trees is null) return;
        foreach (var member in trees.Options.SelectMany(m => m))
        {
            to.Write(member.Constant);
            var artefact = member.Trees is null ? [] : Artefact.Write(member.Trees);
            to.Write(artefact.Length);
            to.Write(artefact);
        }
    }

    private static TreeBandit? ReadTrees(BinaryReader from, int options)
    {
        var members = from.ReadInt32();
        if (members is < 0 or > MostMembers) throw new InvalidDataException("An impossible count.");
        if (members == 0) return null;
        var read = new TreeMember[options][];
        for (var a = 0; a < options; a++)
        {
            read[a] = new TreeMember[members];
            for (var m = 0; m < members; m++)
            {
                var (constant, length) = (Finite(from), from.ReadInt32());
                if (length < 0) throw new InvalidDataException("An impossible length.");
                read[a][m] = new(constant, length == 0 ? null : Artefact.Read(from.ReadBytes(length)).Value ?? throw new InvalidDataException("A tree that cannot be read."));
            }
        }
        return new([.. read.Select(m => m.ToImmutableArray())], 0);
    }

    private static void Write(BinaryWriter to, BanditGuards? guards)
    {
        to.Write(guards is not null);
        if (guards is null) return;
        to.Write(guards.Outcomes.Length);
        foreach (var outcome in guards.Outcomes) to.Write(outcome);
        to.Write(guards.Meanings.Length);
        foreach (var meaning in guards.Meanings) to.Write(meaning);
        to.Write(guards.Baseline);
        foreach (var option in guards.Harms.SelectMany(h => h.Options)) Write(to, option);
        foreach (var units in guards.Units)
        {
            to.Write(units.Count);
            foreach (var hash in units.Hashes) to.Write(hash);
        }
        foreach (var multiplier in guards.Multipliers) to.Write(multiplier);
        to.Write(guards.Share);
        to.Write(!guards.Penalties.IsEmpty);
        foreach (var weight in guards.Penalties.SelectMany(p => p)) to.Write(weight);
    }

    private static BanditGuards? ReadGuards(BinaryReader from, int options, int width)
    {
        if (!from.ReadBoolean()) return null;
        var (outcomes, meanings, baseline) = (Items(from, MostGuardrails, r => r.ReadString()), Items(from, MostGuardrails, r => r.ReadString()), from.ReadString());
        var harms = Array.ConvertAll(outcomes, _ => new BanditStatistics(options, width));
        foreach (var option in harms.SelectMany(h => h.Options)) Read(from, option);
        var units = Array.ConvertAll(outcomes, _ => ReadUnits(from));
        var multipliers = Array.ConvertAll(outcomes, _ => Finite(from));
        if (Finite(from) is var share && share is not (>= 0 and <= 1)) throw new InvalidDataException("An impossible share.");
        double[][] penalties = from.ReadBoolean() ? [.. Enumerable.Range(0, options).Select(_ => Enumerable.Range(0, width).Select(_ => Finite(from)).ToArray())] : [];
        return new([.. outcomes], [.. meanings], baseline, [.. harms], [.. multipliers], share, [.. penalties]) { Units = [.. units] };
    }

    private static KnownUnits ReadUnits(BinaryReader from)
    {
        var units = new KnownUnits();
        foreach (var hash in Items(from, KnownUnits.Enough, r => r.ReadUInt64())) units.Add(hash);
        return units;
    }

    private static double Finite(BinaryReader from) => from.ReadDouble() is var number && double.IsFinite(number) ? number : throw new InvalidDataException("A number that is not finite.");
}
