using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Looper.Core.Learning.Linear;
using Looper.Core.Learning.Network;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>Reads the payload of an artefact and believes nothing: every count is checked against the bytes that are left before anything of
/// that size is allocated, every number and index against what it must be.</summary>
internal ref struct ArtefactReader(ReadOnlySpan<byte> payload)
{
    private const int MaxTrees = 10_000, MaxColumns = 4_096, LeafBytes = 17;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = payload;

    public TrainedPredictor Read()
    {
        var columns = Columns();
        var calibration = Calibration();
        var predictor = Predictor(columns);
        End();
        return new([.. columns], predictor, calibration);
    }

    /// <summary>What stands before the predictor, written alone.</summary>
    public (ImmutableArray<Column> Columns, Calibration? Calibration) ReadHead()
    {
        var columns = Columns();
        var calibration = Calibration();
        End();
        return ([.. columns], calibration);
    }

    private readonly void End()
    {
        if (!_rest.IsEmpty) throw new ArtefactFault($"{_rest.Length} bytes are left over");
    }

    private Column[] Columns()
    {
        var columns = new Column[Count(MaxColumns, 9, "columns")];
        for (var j = 0; j < columns.Length; j++) columns[j] = Column();
        return columns;
    }

    private Column Column()
    {
        var name = Text();
        var kind = (ColumnKind)Byte();
        if (kind is not (ColumnKind.Number or ColumnKind.Category)) throw new ArtefactFault($"column '{name}' is of no known kind");
        var categories = new string[Count(int.MaxValue, 4, "categories")];
        for (var k = 0; k < categories.Length; k++) categories[k] = Text();
        return new(name, kind, [.. categories]);
    }

    private Calibration? Calibration()
    {
        switch (Byte())
        {
            case 0: return null;
            case 1:
                var (x, y) = (Numbers(), Numbers());
                for (var i = 1; i < x.Length; i++)
                    if (!(x[i] > x[i - 1])) throw new ArtefactFault("the calibration's points are out of order");
                if (x.Length == 0 || x.Length != y.Length) throw new ArtefactFault("the calibration's points do not match");
                return new IsotonicCalibration([.. x], [.. y]);
            case 2: return new PlattCalibration(Number(), Number());
            case 3: return new LinearCalibration(Number(), Number());
            case 4:
                var slope = Number();
                return slope > 0 ? new TemperatureCalibration(slope) : throw new ArtefactFault("the calibration's slope is not positive");
            default: throw new ArtefactFault("its calibration is of no known kind");
        }
    }

    private IPredictor Predictor(Column[] columns) => Byte() switch
    {
        1 => Ensemble(columns),
        2 => Linear(columns),
        3 => Network(columns),
        _ => throw new ArtefactFault("its predictor is of no known kind"),
    };

    private LinearPredictor Linear(Column[] columns)
    {
        var (objective, intercepts) = Start();
        var terms = new LinearTerm[columns.Length];
        for (var j = 0; j < terms.Length; j++)
        {
            terms[j] = new(Number(), [.. Numbers()], [.. Numbers()]);
            var (outputs, number) = (intercepts.Length, columns[j].Kind == ColumnKind.Number);
            var levels = terms[j].Levels.Length;
            if (terms[j].Slopes.Length != (number ? outputs : 0) || levels < outputs || levels % outputs != 0 || (number && levels != outputs))
                throw new ArtefactFault($"the coefficients of column '{columns[j].Name}' do not fit");
        }
        return new(objective, [.. intercepts], [.. terms]);
    }

    private NetworkPredictor Network(Column[] columns)
    {
        var (objective, outputs, scale, shift) = (Objective(), Int(), Number(), Number());
        if (outputs is < 1 or > 255 || outputs > 1 != (objective == Learning.Objective.Multiclass)) throw new ArtefactFault($"it has {outputs} outputs");
        var inputs = new NetworkInput[columns.Length];
        for (var j = 0; j < inputs.Length; j++) inputs[j] = Input(columns[j]);
        if (inputs.Sum(i => (long)i.Size) > 4_000) throw new ArtefactFault("its inputs are too wide");
        var members = new ImmutableArray<double>[Count(16, 4, "networks")];
        if (members.Length == 0) throw new ArtefactFault("it has no network");
        for (var m = 0; m < members.Length; m++)
        {
            members[m] = [.. Numbers()];
            if (members[m].Length != NetworkPredictor.ParametersOf([.. inputs], outputs)) throw new ArtefactFault("its parameters do not fit its shape");
        }
        return new(objective, [.. inputs], scale, shift, outputs, [.. members]);
    }

    private NetworkInput Input(Column column)
    {
        var knots = Numbers();
        for (var k = 1; k < knots.Length; k++) if (!(knots[k] > knots[k - 1])) throw new ArtefactFault($"the quantiles of '{column.Name}' are out of order");
        var slots = new int[Count(int.MaxValue, 4, "slots")];
        for (var k = 0; k < slots.Length; k++)
            if ((slots[k] = Int()) < 0 || slots[k] >= slots.Length) throw new ArtefactFault($"the embeddings of '{column.Name}' do not fit");
        var size = Int();
        var category = column.Kind == ColumnKind.Category;
        if (category != slots.Length > 0 || category == knots.Length > 0 || size is < 1 or > 50 || (!category && size != 2))
            throw new ArtefactFault($"the input of '{column.Name}' does not fit its kind");
        return new([.. knots], [.. slots], size);
    }

    private Objective Objective()
    {
        var objective = (Objective)Byte();
        return Enum.IsDefined(objective) ? objective : throw new ArtefactFault("its objective is not known");
    }

    private (Objective Objective, double[] Start) Start()
    {
        var objective = Objective();
        var start = Numbers();
        if (start.Length is < 1 or > 255) throw new ArtefactFault($"it has {start.Length} outputs");
        if (start.Length > 1 != (objective == Learning.Objective.Multiclass)) throw new ArtefactFault("its outputs do not fit its objective");
        return (objective, start);
    }

    private TreeEnsemble Ensemble(Column[] columns)
    {
        var (objective, start) = Start();
        var levels = new ImmutableArray<short>[columns.Length];
        for (var j = 0; j < levels.Length; j++) levels[j] = Levels(columns[j]);
        var trees = new Tree[Count(MaxTrees, 4 + LeafBytes, "trees")];
        if (trees.Length % start.Length != 0) throw new ArtefactFault("its trees do not come in whole rounds");
        for (var t = 0; t < trees.Length; t++) trees[t] = Tree(levels);
        return new(objective, [.. start], [.. trees], [.. levels]);
    }

    private ImmutableArray<short> Levels(Column column)
    {
        var count = Int();
        if (count < -1 || count > _rest.Length) throw new ArtefactFault($"column '{column.Name}' has an impossible number of levels");
        if (count >= 0 != (column.Kind == ColumnKind.Category)) throw new ArtefactFault($"column '{column.Name}' has levels that do not fit its kind");
        if (count < 0) return default;
        var levels = new short[count];
        for (var k = 0; k < count; k++) levels[k] = (short)(Byte() - 1);
        return ImmutableArray.Create(levels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a start reads a thousand models before the JIT would find that it matters
    private Tree Tree(ImmutableArray<short>[] levels)
    {
        var nodes = new TreeNode[Count(int.MaxValue, LeafBytes, "nodes")];
        if (nodes.Length == 0) throw new ArtefactFault("a tree has no nodes");
        var sets = ImmutableArray.CreateBuilder<ulong>();
        var parents = new bool[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            if (i > 0 && !parents[i]) throw new ArtefactFault("a node is nobody's child");
            nodes[i] = Node(levels, sets, parents, i);
        }
        return new(ImmutableCollectionsMarshal.AsImmutableArray(nodes), sets.ToImmutable());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TreeNode Node(ImmutableArray<short>[] levels, ImmutableArray<ulong>.Builder sets, bool[] parents, int index)
    {
        var marks = Byte();
        double value = Number(), cover = Number();
        if (marks == 0) return new(0, 0, -1, -1, -1, false, value, cover, 0);
        var (kind, feature, left, right) = (marks & 3, Int(), Int(), Int());
        if (marks > 7 || kind is not (1 or 2)) throw new ArtefactFault("a node is of no known kind");
        if ((uint)feature >= (uint)levels.Length) throw new ArtefactFault($"a node asks column {feature} of {levels.Length}");
        if (kind == 2 == levels[feature].IsDefault) throw new ArtefactFault("a node asks a column in the wrong way");
        Adopt(parents, left, index);
        Adopt(parents, right, index);
        var gain = Number();
        if (kind == 1) return new(feature, Number(), -1, left, right, marks > 3, value, cover, gain);
        for (var w = 0; w < Trees.Tree.SetWords; w++) sets.Add((ulong)Long());
        return new(feature, 0, sets.Count / Trees.Tree.SetWords - 1, left, right, marks > 3, value, cover, gain);
    }

    private static void Adopt(bool[] parents, int child, int parent)
    {
        if (child <= parent || child >= parents.Length) throw new ArtefactFault("a child comes before its parent or is not there");
        if (parents[child]) throw new ArtefactFault("a node has two parents");
        parents[child] = true;
    }

    private double[] Numbers()
    {
        var numbers = new double[Count(int.MaxValue, 8, "numbers")];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Number();
        return numbers;
    }

    private string Text()
    {
        var length = Count(int.MaxValue, 1, "letters");
        try
        {
            return s_strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new ArtefactFault("a text is not UTF-8");
        }
    }

    // A count is believed only if that many items of their least size still fit.
    private int Count(int most, int leastBytes, string what)
    {
        var count = Int();
        if (count < 0 || count > most || (long)count * leastBytes > _rest.Length) throw new ArtefactFault($"it claims {count} {what}");
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Number()
    {
        var number = BitConverter.Int64BitsToDouble(Long());
        return double.IsFinite(number) ? number : throw new ArtefactFault("a number is not finite");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Byte() => Take(1)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw new ArtefactFault("it ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
