using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace Looper.Core.Learning.Network;

/// <summary>Where in the array of parameters everything lies, and the passes through it: inputs → 64 → 32 → outputs, ReLU between.</summary>
/// <remarks>Outputs are padded to a multiple of eight, so that every sum runs in eight fixed lanes: the same bytes with and without wide vectors.</remarks>
internal sealed class Layers
{
    public const int First = 64, Second = 32;
    private readonly ImmutableArray<NetworkInput> _inputs;
    private readonly int[] _embedding;

    public Layers(ImmutableArray<NetworkInput> inputs, int outputs)
    {
        (_inputs, Outputs, Padded) = (inputs, outputs, (outputs + 7) / 8 * 8);
        _embedding = new int[inputs.Length];
        for (var j = 0; j < inputs.Length; j++)
        {
            Width += inputs[j].Size;
            if (!inputs[j].IsCategory) continue;
            _embedding[j] = Parameters;
            Parameters += inputs[j].Embeddings * inputs[j].Size;
        }
        W1 = Parameters;
        B1 = W1 + Width * First;
        W2 = B1 + First;
        B2 = W2 + First * Second;
        W3 = B2 + Second;
        B3 = W3 + Second * Padded;
        Parameters = B3 + Padded;
    }

    public int Outputs { get; }
    public int Padded { get; }
    public int Width { get; }
    public int Parameters { get; }
    public int W1 { get; }
    public int B1 { get; }
    public int W2 { get; }
    public int B2 { get; }
    public int W3 { get; }
    public int B3 { get; }

    /// <summary>The parameters' places of one category's embedding.</summary>
    public int EmbeddingOf(int column, int slot) => _embedding[column] + slot * _inputs[column].Size;

    /// <summary>Fills the inputs of a row and, per category, the place of its embedding.</summary>
    public void Encode(ReadOnlySpan<double> parameters, ReadOnlySpan<double> row, Span<double> x)
    {
        var at = 0;
        for (var j = 0; j < _inputs.Length; j++)
        {
            var input = _inputs[j];
            if (input.IsCategory) parameters.Slice(EmbeddingOf(j, input.SlotOf(row[j])), input.Size).CopyTo(x[at..]);
            else (x[at], x[at + 1]) = double.IsFinite(row[j]) ? (input.ScoreOf(row[j]), 0.0) : (0.0, 1.0);
            at += input.Size;
        }
    }

    /// <summary>Scores of one row. <paramref name="h1"/> and <paramref name="h2"/> are left as the pass needs them later.</summary>
    public void Forward(ReadOnlySpan<double> parameters, ReadOnlySpan<double> x, Span<double> h1, Span<double> h2, Span<double> scores)
    {
        parameters.Slice(B1, First).CopyTo(h1);
        for (var i = 0; i < x.Length; i++) if (x[i] != 0) AddScaled(parameters.Slice(W1 + i * First, First), x[i], h1);
        Rectify(h1);
        parameters.Slice(B2, Second).CopyTo(h2);
        for (var i = 0; i < First; i++) if (h1[i] != 0) AddScaled(parameters.Slice(W2 + i * Second, Second), h1[i], h2);
        Rectify(h2);
        parameters.Slice(B3, Padded).CopyTo(scores);
        for (var i = 0; i < Second; i++) if (h2[i] != 0) AddScaled(parameters.Slice(W3 + i * Padded, Padded), h2[i], scores);
    }

    /// <summary>Adds one row's gradient, given the derivative of its loss by the scores.</summary>
    /// <param name="kept">What each input was multiplied with before the pass: 0 where it was dropped.</param>
    public void Backward(
        ReadOnlySpan<double> parameters, ReadOnlySpan<double> row, ReadOnlySpan<double> x, ReadOnlySpan<double> kept, ReadOnlySpan<double> h1,
        ReadOnlySpan<double> h2, ReadOnlySpan<double> byScores, Span<double> gradient)
    {
        Span<double> d1 = stackalloc double[First], d2 = stackalloc double[Second];
        AddScaled(byScores, 1, gradient.Slice(B3, Padded));
        for (var i = 0; i < Second; i++)
        {
            d2[i] = h2[i] > 0 ? Dot(parameters.Slice(W3 + i * Padded, Padded), byScores) : 0;
            if (h2[i] != 0) AddScaled(byScores, h2[i], gradient.Slice(W3 + i * Padded, Padded));
        }
        AddScaled(d2, 1, gradient.Slice(B2, Second));
        for (var i = 0; i < First; i++)
        {
            d1[i] = h1[i] > 0 ? Dot(parameters.Slice(W2 + i * Second, Second), d2) : 0;
            if (h1[i] != 0) AddScaled(d2, h1[i], gradient.Slice(W2 + i * Second, Second));
        }
        AddScaled(d1, 1, gradient.Slice(B1, First));
        for (var i = 0; i < x.Length; i++) if (x[i] != 0) AddScaled(d1, x[i], gradient.Slice(W1 + i * First, First));
        var at = 0;
        for (var j = 0; j < _inputs.Length; j++)
        {
            var size = _inputs[j].Size;
            if (_inputs[j].IsCategory)
            {
                var place = EmbeddingOf(j, _inputs[j].SlotOf(row[j]));
                for (var k = 0; k < size; k++) gradient[place + k] += kept[at + k] * Dot(parameters.Slice(W1 + (at + k) * First, First), d1);
            }
            at += size;
        }
    }

    private static void Rectify(Span<double> h)
    {
        for (var i = 0; i < h.Length; i++) if (!(h[i] > 0)) h[i] = 0;
    }

    private static void AddScaled(ReadOnlySpan<double> from, double factor, Span<double> to)
    {
        var f = Vector512.Create(factor);
        for (var i = 0; i + 8 <= to.Length; i += 8)
            (Vector512.Create(to.Slice(i, 8)) + Vector512.Create(from.Slice(i, 8)) * f).CopyTo(to[i..]);
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector512<double>.Zero;
        for (var i = 0; i + 8 <= a.Length; i += 8) sum += Vector512.Create(a.Slice(i, 8)) * Vector512.Create(b.Slice(i, 8));
        var total = 0.0;
        for (var lane = 0; lane < 8; lane++) total += sum[lane];
        return total;
    }
}
