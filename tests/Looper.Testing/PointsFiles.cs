namespace Looper.Testing;

/// <summary>Decision points as code.</summary>
public static class PointsFiles
{
    /// <summary>One, written by hand, with no more than what has no default.</summary>
    public const string Tip = """
        decisionPoints:
        - decisionPoint: tip
          blueprint:
            shape: binary
            default: "false"
            outcomes:
            - name: clicked
              kind: boolean
            goal:
              terms:
              - outcome: clicked
            policy:
              kind: random
        """;
}
