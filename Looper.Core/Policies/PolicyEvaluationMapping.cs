using Looper.Core.Decisions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Policies;

internal sealed class PolicyEvaluationMapping : IEntityTypeConfiguration<PolicyEvaluation>
{
    public void Configure(EntityTypeBuilder<PolicyEvaluation> builder)
    {
        builder.ToTable("policy_evaluations");
        builder.HasIndex(e => new { e.DecisionPointId, e.MadeAt });
        builder.HasOne<DecisionPoint>().WithMany().HasForeignKey(e => e.DecisionPointId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(e => e.Hash).HasMaxLength(64);
        builder.Property(e => e.Title).HasMaxLength(200);
        builder.Property(e => e.RequestedBy).HasMaxLength(200);
    }
}
