namespace Looper.Core.Statistics;

/// <summary>One randomised cluster: a shop, a city, a time slice, with all its units.</summary>
/// <param name="Units">Units (or denominators) m in it, positive.</param>
/// <param name="Sum">Sum of the outcome over them.</param>
public readonly record struct Cluster(double Units, double Sum);

/// <summary>Difference of two arms whose arms were given to clusters, not to single units.</summary>
/// <remarks>The value of an arm is Σsum/Σunits, so large clusters count more. Standard error CR2 with Satterthwaite degrees of freedom: Bell and
/// McCaffrey 2002, Survey Methodology 28:169; Pustejovsky and Tipton 2018, J. Bus. Econ. Stat. 36:672, for the regression of the unit's value on the
/// arm under a working model of independent units. There the projection is constant within an arm and both have closed forms:
/// V = Σ_g s_g²/(1 − m_g/M)/M² an arm, s_g the cluster's summed residual. O(clusters), no allocation.</remarks>
public static class ClusterDifference
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "cluster-cr2-1";

    /// <summary>Clusters an arm below which the interval should be read beside <see cref="RandomisationTest"/>.</summary>
    public const int FewClusters = 10;

    /// <summary>Treatment − control in the outcome's unit.</summary>
    /// <param name="control">Clusters of control.</param>
    /// <param name="treatment">Clusters of treatment.</param>
    /// <returns>Absolute effect; its units are the clusters of both arms. <see cref="Cause.EmptyArm"/>, <see cref="Cause.TooFewUnits"/> below two
    /// clusters in an arm, <see cref="Cause.ZeroVariance"/> when the clusters of an arm all have the same mean.</returns>
    public static Effect Between(ReadOnlySpan<Cluster> control, ReadOnlySpan<Cluster> treatment)
    {
        Arm a = Arm.Of(control), b = Arm.Of(treatment);
        double clusters = control.Length + treatment.Length;
        var why = control.IsEmpty || treatment.IsEmpty ? Cause.EmptyArm
            : control.Length < 2 || treatment.Length < 2 ? Cause.TooFewUnits
            : a.Why != Cause.None ? a.Why : b.Why;
        if (why != Cause.None) return Effect.Undefined(Scale.Absolute, Method, why, clusters);
        double trace = 1 / a.Units + 1 / b.Units;
        return new(Scale.Absolute, b.Mean - a.Mean, Math.Sqrt(a.Variance + b.Variance), trace * trace / (a.Norm + b.Norm), clusters, Method);
    }

    /// <summary>One arm as a metric per cluster, for the relative effect and for the scorecard.</summary>
    /// <param name="clusters">The arm's clusters.</param>
    /// <returns>Σsum/Σunits with V = clusters · CR2 variance.</returns>
    public static MetricSummary Summary(ReadOnlySpan<Cluster> clusters)
    {
        if (clusters.IsEmpty) return MetricSummary.Undefined(0, Cause.EmptyArm);
        var arm = Arm.Of(clusters);
        return clusters.Length < 2
            ? MetricSummary.Undefined(clusters.Length, Cause.TooFewUnits)
            : new(clusters.Length, arm.Mean, arm.Variance * clusters.Length, arm.Why);
    }

    private readonly record struct Arm(double Units, double Mean, double Variance, double Norm)
    {
        public Cause Why => MetricSummary.WhyNot(Mean, Variance);

        public static Arm Of(ReadOnlySpan<Cluster> clusters)
        {
            double units = 0, sum = 0;
            foreach (var cluster in clusters) (units, sum) = (units + cluster.Units, sum + cluster.Sum);
            double mean = sum / units, variance = 0, first = 0, second = 0, norm = 0;
            foreach (var cluster in clusters)
            {
                var room = 1 - cluster.Units / units;
                var residual = cluster.Sum - mean * cluster.Units;
                variance += residual * residual / room;
                var share = cluster.Units * cluster.Units / room;
                (first, second, norm) = (first + share, second + share * share, norm + cluster.Units * cluster.Units);
            }

            var square = units * units;
            return new(units, mean, variance / square, norm / (square * square) + (first * first - second) / (square * square * square));
        }
    }
}
