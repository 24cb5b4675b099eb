using Looper.Core.Learning;

namespace Looper.Core.Tests.Learning;

public sealed class SampledShapleyTests
{
    [Fact] // identity: of an additive function each column gets its own change
    public void Of_a_sum_each_column_gets_what_it_adds()
    {
        var shares = Explain(row => 2 * row[0] - row[1] + 5, [3, 4, 7], [1, 1, 1]);
        Assert.Equal([4, -3, 0], shares.Select(s => Math.Round(s, 9)));
    }

    [Fact] // identity: brute force over the orders gives xy/2 each, when the reference is 0
    public void A_product_is_shared_evenly()
    {
        var shares = Explain(row => row[0] * row[1], [3, 4, 9], [0, 0, 0]);
        Assert.Equal([6, 6, 0], shares.Select(s => Math.Round(s, 9)));
    }

    [Fact] // identity
    public void The_shares_add_up_to_the_difference_from_the_reference()
    {
        static double Of(double[] row) => Math.Sin(row[0] * row[1]) + Math.Exp(row[2] * 0.1) * row[3];
        double[] row = [1, 2, 3, 4], reference = [0.3, -1, 0.5, 2];
        Assert.Equal(Of(row) - Of(reference), Explain(Of, row, reference).Sum(), tolerance: 1e-9);
    }

    private static double[] Explain(Func<double[], double> of, double[] row, double[] reference)
    {
        var shares = new double[row.Length];
        SampledShapley.Explain(new Function(of), row, reference, shares);
        return shares;
    }

    private sealed class Function(Func<double[], double> of) : IPredictor
    {
        public int Outputs => 1;

        public double Predict(ReadOnlySpan<double> row) => of(row.ToArray());

        public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
    }
}
