using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>An arm while it is edited.</summary>
internal sealed class EditedArm
{
    public string Key { get; set; } = "";
    public double Percent { get; set; }

    /// <summary>As it is shown; a third stays a third until another number is typed.</summary>
    public double Share { get => Math.Round(Percent, 3); set => Percent = value; }

    /// <summary>Empty, <c>option:key</c>, <c>version:n</c>, <c>random</c>, <c>best</c>, <c>bandit</c>, or <c>kept</c> for what this editor cannot write.</summary>
    public string Action { get; set; } = "";

    public Arm? Kept { get; init; }

    public static EditedArm Of(Arm arm) => new()
    {
        Key = arm.Key,
        Percent = Math.Round(100 * arm.Weight, 9),
        Kept = arm,
        Action = arm switch
        {
            { Option: { } option } => $"option:{option}",
            { BlueprintVersion: { } version } => $"version:{version.ToString(CultureInfo.InvariantCulture)}",
            { Policy: RandomPolicy { Weights.IsDefaultOrEmpty: true } } => "random",
            { Policy: BestPolicy } => "best",
            { Policy: BanditPolicy bandit } when bandit == new BanditPolicy() => "bandit",
            { Policy: null } => "",
            _ => "kept",
        },
    };

    public Arm ToArm(double scale)
    {
        var arm = new Arm(Key.Trim(), Percent / scale) { Name = Kept?.Name };
        return Action switch
        {
            "random" => arm with { Policy = new RandomPolicy() },
            "best" => arm with { Policy = new BestPolicy() },
            "bandit" => arm with { Policy = new BanditPolicy() },
            "kept" => arm with { Policy = Kept!.Policy },
            _ when Action.StartsWith("option:", StringComparison.Ordinal) => arm with { Option = Action["option:".Length..] },
            _ when Action.StartsWith("version:", StringComparison.Ordinal) => arm with { BlueprintVersion = int.Parse(Action["version:".Length..], CultureInfo.InvariantCulture) },
            _ => arm,
        };
    }
}
