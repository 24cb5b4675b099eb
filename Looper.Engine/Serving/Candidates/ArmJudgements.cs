namespace Looper.Core.Serving.Candidates;

/// <summary>What every arm of an experiment gives to one order, arm by arm.</summary>
internal readonly struct ArmJudgements(int arms, int places)
{
    private readonly double[] _all = new double[arms * places];

    public Span<double> Of(int arm) => _all.AsSpan(arm * places, places);

    /// <summary>Mixes them by the arms' shares.</summary>
    /// <param name="weights">The shares; overwritten.</param>
    /// <param name="isPick">The entries are one distribution, not one per place.</param>
    public void Mix(Span<double> weights, bool isPick, Span<double> propensities)
    {
        for (var place = 0; place < places; place++)
        {
            double mass = 0, above = 0;
            for (var arm = 0; arm < arms; arm++)
            {
                var p = weights[arm] * Of(arm)[place];
                (mass, above) = (mass + p, above + weights[arm]);
                if (!isPick) weights[arm] = p;
            }
            propensities[place] = Math.Min(1, mass / above);
        }
    }
}
