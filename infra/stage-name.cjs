/**
 * The stage that `--stage` names, as osls takes it; null: none is named. serverless.yml asks for it before all else: of a name that osls does
 * not take it would tell once for each place that the name stands in.
 */
module.exports = ({ options, resolveVariable }) => {
  const isNamed = (options.stage ?? null) !== null;
  return isNamed ? resolveVariable('sls:stage') : null;
};
