using System.Collections.Immutable;
using System.IO.Compression;
using Looper.Core.Causal;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>What rules are learned from and judged on, kept with the effects so that a rule for other costs takes seconds and reads no event.</summary>
/// <param name="Units">Features; the labels are empty of meaning.</param>
/// <param name="Booleans">Columns whose 0 and 1 mean no and yes.</param>
/// <param name="Chooses">Units that learn; the others judge.</param>
/// <param name="Scores">Doubly robust score of every arm for every unit.</param>
/// <param name="Effects">Predicted effect of every arm against the first, by a model of the choosing units alone.</param>
public sealed record RuleUnits(DataSet Units, ImmutableHashSet<string> Booleans, bool[] Chooses, double[][] Scores, double[][] Effects)
{
    /// <summary>The same of other outcomes; empty where none was told of, and in units kept before there were any.</summary>
    public ImmutableArray<OtherScores> Others { get; init; } = [];

    /// <summary>Units kept at most: a rule of a few conditions needs no more.</summary>
    public const int Most = 100_000;

    /// <summary>Of more units, evenly many of those in order; none is chosen by what came of it.</summary>
    public RuleUnits Thinned()
    {
        if (Units.Rows <= Most) return this;
        int[] rows = [.. Enumerable.Range(0, Most).Select(k => (int)((long)k * Units.Rows / Most))];
        return Take(rows);
    }

    /// <summary>Some of the units.</summary>
    public RuleUnits Take(int[] rows)
    {
        T[] Of<T>(T[] values) => Array.ConvertAll(rows, i => values[i]);
        return this with
        {
            Units = Units.Take(rows), Chooses = Of(Chooses), Scores = Array.ConvertAll(Scores, Of), Effects = Array.ConvertAll(Effects, Of),
            Others = [.. Others.Select(o => o with { Scores = Array.ConvertAll(o.Scores, Of), Effects = Array.ConvertAll(o.Effects, Of) })],
        };
    }

    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(new GZipStream(bytes, CompressionLevel.Fastest)))
        {
            writer.Write(Units.Rows);
            writer.Write(Units.Columns.Length);
            foreach (var column in Units.Columns)
            {
                writer.Write(column.Name);
                writer.Write(column.Kind == ColumnKind.Category);
                writer.Write(Booleans.Contains(column.Name));
                writer.Write(column.Categories.Length);
                foreach (var category in column.Categories) writer.Write(category);
            }
            foreach (var chooses in Chooses) writer.Write(chooses);
            writer.Write(Scores.Length);
            foreach (var values in Units.Values.Concat(Scores).Concat(Effects)) foreach (var value in values) writer.Write(value);
            writer.Write(Others.Length);
            foreach (var other in Others)
            {
                writer.Write(other.Outcome);
                foreach (var values in other.Scores.Concat(other.Effects)) foreach (var value in values) writer.Write(value);
            }
        }
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such units.</exception>
    public static RuleUnits Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        var rows = reader.ReadInt32();
        var columns = new Column[reader.ReadInt32()];
        var booleans = ImmutableHashSet.CreateBuilder<string>();
        for (var j = 0; j < columns.Length; j++)
        {
            var name = reader.ReadString();
            var kind = reader.ReadBoolean() ? ColumnKind.Category : ColumnKind.Number;
            if (reader.ReadBoolean()) booleans.Add(name);
            var categories = new string[reader.ReadInt32()];
            for (var c = 0; c < categories.Length; c++) categories[c] = reader.ReadString();
            columns[j] = new(name, kind, [.. categories]);
        }
        var chooses = new bool[rows];
        for (var i = 0; i < rows; i++) chooses[i] = reader.ReadBoolean();
        var arms = reader.ReadInt32();
        double[] Column()
        {
            var values = new double[rows];
            for (var i = 0; i < rows; i++) values[i] = reader.ReadDouble();
            return values;
        }
        double[][] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => Column())];
        var (values, scores, effects) = (Some(columns.Length), Some(arms), Some(arms));
        return new(new([.. columns], values, new double[rows]), booleans.ToImmutable(), chooses, scores, effects) { Others = ReadOthers(reader, rows, arms) };
    }

    private static ImmutableArray<OtherScores> ReadOthers(BinaryReader reader, int rows, int arms)
    {
        var others = new OtherScores[CountOrNone(reader)];
        float[] Column()
        {
            var values = new float[rows];
            for (var i = 0; i < rows; i++) values[i] = reader.ReadSingle();
            return values;
        }
        float[][] Some() => [.. Enumerable.Range(0, arms).Select(_ => Column())];
        for (var o = 0; o < others.Length; o++) others[o] = new(reader.ReadString(), Some(), Some());
        return [.. others];
    }

    // what was kept before other outcomes were ends here
    private static int CountOrNone(BinaryReader reader)
    {
        var first = reader.BaseStream.ReadByte();
        return first < 0 ? 0 : first | reader.ReadByte() << 8 | reader.ReadByte() << 16 | reader.ReadByte() << 24;
    }
}

/// <summary>Another outcome of the same units, in single precision: values are told to three digits.</summary>
/// <param name="Outcome">Its key.</param>
/// <param name="Scores">Doubly robust score of every arm for every unit, more is better; NaN where the outcome is unknown.</param>
/// <param name="Effects">Predicted effect of every arm against the first, by a model of choosing units that has not seen the unit.</param>
public sealed record OtherScores(string Outcome, float[][] Scores, float[][] Effects);
