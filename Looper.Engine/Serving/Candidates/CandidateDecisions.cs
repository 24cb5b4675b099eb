namespace Looper.Core.Serving.Candidates;

/// <summary>The part of the engine that answers with an order of the candidates sent.</summary>
internal static class CandidateDecisions
{
    /// <summary>Reads the candidates and lays them out as sent: what a default, the holdout and a fault answer.</summary>
    public static void Prepare(BlueprintSnapshot current, in DecisionRequest request, DecisionWorkspace workspace)
    {
        current.Candidates!.Read(request.Candidates, workspace.Candidates);
        workspace.Candidates.AsSent(current.Answers.IsPick, current.Answers.Places);
    }

    public static Decision Decide(DecisionPointSnapshot point, BlueprintSnapshot current, in DecisionRequest request, DecisionWorkspace workspace)
    {
        var (set, strategy) = (workspace.Candidates, current.Candidates!);
        if (!strategy.Score(workspace)) return Failed(current, workspace);
        var reason = strategy.Draw(set, current.Answers.DrawnPlaces, current.Answers.IsPick, point.PlaceStreams, request.DecisionId);
        return Answered(current, set, reason, set.HasScores ? strategy.ModelNumber : 0);
    }

    /// <summary>
    /// The unit's own arm draws; then every other arm judges that order, and the propensities become those of the mixture: at each place
    /// Σ share·P(places above)·p / Σ share·P(places above), which is exact because which arm a unit is in is drawn independently.
    /// </summary>
    public static Decision InExperiment(DecisionPointSnapshot point, ExperimentSnapshot experiment, int index, in DecisionRequest request, DecisionWorkspace workspace)
    {
        var own = experiment.Arms[index];
        var (set, isPick) = (workspace.Candidates, own.Blueprint.Answers.IsPick);
        Read(own.Blueprint, request, workspace);
        if (!own.Candidates!.Score(workspace)) return Failed(own.Blueprint, workspace) with { Experiment = experiment, Arm = index };
        var reason = own.Candidates.Draw(set, own.Blueprint.Answers.DrawnPlaces, isPick, point.PlaceStreams, request.DecisionId);
        var model = set.HasScores ? own.Candidates.ModelNumber : 0;
        Span<double> weights = stackalloc double[experiment.Arms.Length];
        experiment.SharesAt(request.At).CopyTo(weights);
        var all = new ArmJudgements(experiment.Arms.Length, set.Drawn);
        set.Propensities.CopyTo(all.Of(index));
        for (var i = 0; i < experiment.Arms.Length; i++)
        {
            if (i == index) continue;
            var arm = experiment.Arms[i];
            Read(arm.Blueprint, request, workspace, keepOrder: true);
            if (arm.Candidates!.Score(workspace)) arm.Candidates.Judge(set, isPick, all.Of(i));
            else AsSent(set, isPick, all.Of(i));
        }
        Read(own.Blueprint, request, workspace, keepOrder: true);
        if (!own.Candidates.Score(workspace)) return Failed(own.Blueprint, workspace) with { Experiment = experiment, Arm = index };
        all.Mix(weights, isPick, set.PropensityBuffer);
        return Answered(own.Blueprint, set, reason, model) with { Experiment = experiment, Arm = index };
    }

    /// <summary>A tester's arm answers alone.</summary>
    public static Decision Forced(DecisionPointSnapshot point, ExperimentSnapshot experiment, int index, in DecisionRequest request, DecisionWorkspace workspace)
    {
        var own = experiment.Arms[index];
        var set = workspace.Candidates;
        Read(own.Blueprint, request, workspace);
        if (!own.Candidates!.Score(workspace)) return Failed(own.Blueprint, workspace) with { Experiment = experiment, Arm = index };
        own.Candidates.Draw(set, own.Blueprint.Answers.DrawnPlaces, own.Blueprint.Answers.IsPick, point.PlaceStreams, request.DecisionId);
        return Answered(own.Blueprint, set, Reason.Override, set.HasScores ? own.Candidates.ModelNumber : 0) with { Experiment = experiment, Arm = index };
    }

    private static void Read(BlueprintSnapshot blueprint, in DecisionRequest request, DecisionWorkspace workspace, bool keepOrder = false)
    {
        blueprint.Reader.Read(request.Context, workspace, request.Read);
        var set = workspace.Candidates;
        if (!keepOrder)
        {
            Prepare(blueprint, request, workspace);
            return;
        }
        var drawn = set.Drawn;
        var order = set.Kept.AsSpan();
        set.OrderBuffer.CopyTo(order);
        blueprint.Candidates!.Read(request.Candidates, set);
        order[..set.Count].CopyTo(set.OrderBuffer);
        set.Drawn = drawn;
    }

    /// <summary>An arm whose models give no answer keeps the order as sent.</summary>
    private static void AsSent(CandidateSet set, bool isPick, Span<double> propensities)
    {
        for (var place = 0; place < propensities.Length; place++)
            propensities[place] = isPick ? (set.OrderBuffer[place] == 0 ? 1 : 0) : set.OrderBuffer[place] == place ? 1 : 0;
    }

    private static Decision Failed(BlueprintSnapshot blueprint, DecisionWorkspace workspace)
    {
        workspace.Candidates.AsSent(blueprint.Answers.IsPick, blueprint.Answers.Places);
        return new(blueprint, Answer.Of(workspace.Candidates.Count > 0 ? 0 : -1), 1, Reason.DefaultError);
    }

    private static Decision Answered(BlueprintSnapshot blueprint, CandidateSet set, Reason reason, int model) => set.Count == 0
        ? new(blueprint, new(-1, double.NaN), 1, Reason.DefaultError)
        : new(blueprint, Answer.Of(set.Order[0]), Math.Min(1, set.Propensities[0]), reason, ModelNumber: model);
}
